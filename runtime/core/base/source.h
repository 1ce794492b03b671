/* runtime/core/base/source.h - How many sources of events a core knows; links are the last of them. */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "runtime/core/base/batch.h"

enum { SOURCES_MAX = SOURCE_LINKS + LINKS_MAX };

#endif
