/* runtime/sources/conninfo.h - libpq's connection string: checks it, reads its password, and replaces host names by
 * addresses.
 *
 * libpq would wait for the name server while it connects; so names are looked up before (conninfo_resolve, which
 * blocks, on a thread), and libpq gets addresses. */
#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "runtime/sources/source.h"

struct conninfo;

enum { PASSWORD_MAX = 1024 };
/* Reads the password: the first line of a file that only its owner may read; without `path` the password is empty.
 * False with the error. */
bool conninfo_password_read(const char *path, char password[PASSWORD_MAX], struct error *);

/* Is it a connection string that libpq understands, without a password or the name of a service? */
bool conninfo_check(const char *text, struct error *);

struct conninfo *conninfo_new(const struct source_options *, struct error *); /* reads the password's file */
void conninfo_free(struct conninfo *);
bool conninfo_named(const struct conninfo *); /* are there host names to look up? */
/* may be called by any thread, but by one at a time */
bool conninfo_resolve(struct conninfo *, char *why, size_t size);
PGconn *conninfo_connect(const struct conninfo *); /* PQconnectStartParams: waits for nothing */
