/* runtime/lists/version.h - The version of the tables of lists.def, raised with each change of them. */
#ifndef LISTS_VERSION_H
#define LISTS_VERSION_H

enum { LISTS_VERSION = 5 };

#endif
