/* compiler/import/import.h - Sources of gcx made of the files of Genesys Composer.
 *
 * Files are added one by one, of whatever form; then import_finish() makes the texts: a file per flow, its tests, the
 * site and report.txt. The import owns all of it. Nothing that a file holds makes it fail: what cannot be translated is
 * told in the report. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct importer;

struct importer *import_new(void);
void import_release(struct importer *); /* NULL is allowed */

/* Adds a file. False, with the reason in `why`, where it is no file of Composer; the report has the reason, too. */
bool import_add(struct importer *, const char *path, const char *bytes, size_t length, char *why, size_t why_size);
void import_finish(struct importer *);

/* The texts, in the order in which they were made; false behind the last one. */
bool import_written_file(const struct importer *, size_t number, const char **name, const char **text);
