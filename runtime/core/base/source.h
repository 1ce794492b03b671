/* runtime/core/base/source.h - The numbers of a core's sources of events; links are the last of them. */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "runtime/core/base/batch.h"

enum { SOURCES_MAX = SOURCE_LINKS + LINKS_MAX };

#endif
