/* compiler/syntax/library.h - The standard library: the files of stdlib/, which are part of the compiler.
 *
 * `import hours;` means hours.gcx in the folder of the importing file, or else the module "hours" of the library. So
 * a program means the same in a build tree, in an installation, and on every machine with the same compiler. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The folder in the path of a module, "<std>/hours.gcx". Messages show that path; no file has it. */
#define LIBRARY_FOLDER "<std>/"

/* Returns the text of a module, by its name or by its path; it is valid as long as the program runs. NULL where
 * there is no such module. */
const char *library_text(const char *module, size_t *length);
const char *library_text_at(const char *path, size_t *length);

/* Does the path begin with LIBRARY_FOLDER? It need not end in a NUL. */
bool library_owns(const char *path, size_t length);

/* Returns the name of module `i`, in the order of names; NULL after the last one. */
const char *library_module(size_t i);
