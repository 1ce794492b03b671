/* compiler/import/connect/connect.h - Makes flows of contact flows of Amazon Connect (flow language 2019-10-30).
 *
 * A file is a contact flow, or a description of hours of operation as the API gives it. An action becomes a block, a
 * queue a virtual queue and a group, hours a schedule of the site; contact attributes are user_data. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct importer;
struct connect_files;

struct connect_files *connect_new(struct importer *);
void connect_release(struct connect_files *); /* NULL is allowed */
bool connect_knows(const json_t *);           /* is it a file of Amazon Connect? */
/* Adds a file, and takes ownership of the value. False, with the reason in `why`, where it is no file of Connect. */
bool connect_add(struct connect_files *, const char *path, const char *bytes, json_t *, char *why, size_t why_size);
void connect_finish(struct connect_files *);
