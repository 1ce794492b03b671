/* compiler/import/import.h - Makes sources of gcx from the files of other tools (formats.def).
 *
 * Files of any form are added one by one; then import_finish() makes the texts: a file per flow, its tests, the site
 * and report.txt. The import owns all texts. No content of a file makes the import fail: what cannot be translated
 * is named in the report. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct importer;

/* Reads a file that another one includes. `from` is the path of the file that was given, `name` what the include says:
 * a path within the folder of `from`, without `..`. Returns the content, which the importer frees; NULL with the reason
 * in *why: it is not read. */
typedef char *import_read(void *of, const char *from, const char *name, size_t *length, const char **why);

struct importer *import_new(void);
void import_release(struct importer *); /* NULL is allowed */

/* Sets the format of all files that are added; otherwise each file's content tells its format. False: there is no such
 * format. */
bool import_from(struct importer *, const char *format);
/* Sets the function that reads included files. Without it no included file is read, and the report names each of
 * them. */
void import_reads(struct importer *, import_read *, void *of);
/* Adds a file; false, with the reason in `why`, where it is not of that format; the report has the reason, too. */
bool import_add(struct importer *, const char *path, const char *bytes, size_t length, char *why, size_t why_size);
void import_finish(struct importer *);

/* Returns the i-th text, in the order in which they were made; false after the last one. */
bool import_written_file(const struct importer *, size_t number, const char **name, const char **text);
