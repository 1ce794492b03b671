/* compiler/syntax/library.h - The standard library: the files of stdlib/, which the compiler carries with it.
 *
 * `import hours;` takes the file beside the one that imports, and else the module "hours" from here. So a program means
 * the same in a build tree, where it is installed, and on every machine that has the same compiler. */
#ifndef COMPILER_LIBRARY_H
#define COMPILER_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* What stands before a module's name where its path is shown, "<std>/hours.gcx". No file is opened by such a path. */
#define LIBRARY_FOLDER "<std>/"

/* NULL where there is no such module. */
const char *library_text(const char *module, size_t *length);
const char *library_text_at(const char *path, size_t *length); /* by the path that is shown for it */

/* Is this how a module's path is shown? `path` need not end in a NUL. */
bool library_owns(const char *path, size_t length);

/* The modules in the order of their names; NULL behind the last one. */
const char *library_module(size_t i);

#endif
