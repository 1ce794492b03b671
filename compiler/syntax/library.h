/* compiler/syntax/library.h - The standard library: the files of stdlib/, which the compiler carries with it.
 *
 * `import hours;` takes hours.gcx beside the importing file, or else the module "hours" from here. A program so means
 * the same in a build tree, in an installation, and on every machine with the same compiler. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The folder in a module's path, "<std>/hours.gcx". Messages show that path; no file is opened by it. */
#define LIBRARY_FOLDER "<std>/"

/* The text of a module, by its name or by its path; it lives as long as the program. NULL where there is none. */
const char *library_text(const char *module, size_t *length);
const char *library_text_at(const char *path, size_t *length);

/* Does the path begin with LIBRARY_FOLDER? It need not end in a NUL. */
bool library_owns(const char *path, size_t length);

/* The name of module `i`, in the order of names; NULL behind the last one. */
const char *library_module(size_t i);
