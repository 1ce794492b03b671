/* runtime/store/version.h - The version of the tables of store.def, raised with each change of them. */
#ifndef STORE_VERSION_H
#define STORE_VERSION_H

enum { STORE_VERSION = 10 };

#endif
