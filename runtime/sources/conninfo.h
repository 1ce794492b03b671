/* runtime/sources/conninfo.h - libpq's connection string: checked, its password read, its names made addresses.
 *
 * libpq would ask the resolver while it connects, and wait; so names are looked up beforehand (conninfo_resolve, which
 * blocks: on a thread), and libpq is given addresses. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "runtime/sources/source.h"

struct conninfo;

enum { PASSWORD_MAX = 1024 };
/* Reads the password: the first line of a file that only its owner may read; no `path`: the password is empty. False
 * with the error. */
bool conninfo_password_read(const char *path, char password[PASSWORD_MAX], struct error *);

/* Is it a connection string that libpq understands, without a password or a service's name? */
bool conninfo_check(const char *text, struct error *);

struct conninfo *conninfo_new(const struct source_options *, struct error *); /* reads the password's file */
void conninfo_free(struct conninfo *);
bool conninfo_named(const struct conninfo *);                     /* are there names to look up? */
bool conninfo_resolve(struct conninfo *, char *why, size_t size); /* any thread, one at a time */
PGconn *conninfo_connect(const struct conninfo *);                /* PQconnectStartParams: waits for nothing */
