/* runtime/store/version.h - The version of the tables of store.def, raised with each change of them. */
#pragma once

enum { STORE_VERSION = 10 };
