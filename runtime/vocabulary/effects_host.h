/* runtime/vocabulary/effects_host.h - Kinds and fields of the effects of the host: statements of data sources, HTTP,
 * natives: KIND_Query, Query_source and so on, from 16 in the order of the table. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_host.def"
#include "runtime/vocabulary/message_names.def"
