/* runtime/lists/version.h - The version of the tables of lists.def, raised with each change of them. */
#pragma once

enum { LISTS_VERSION = 5 };
