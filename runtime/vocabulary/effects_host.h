/* runtime/vocabulary/effects_host.h - Kinds and fields of the effects of the host: statements of data sources,
 * HTTP, natives: KIND_Query, Query_source and so on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_host.def"
#include "runtime/vocabulary/message_names.def"
