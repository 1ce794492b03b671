/* runtime/core/base/source.h - The numbers of a core's sources of events; links are the last of them. */
#pragma once

#include "runtime/core/base/batch.h"

enum { SOURCES_MAX = SOURCE_LINKS + LINKS_MAX };
