/* runtime/vocabulary/effects_list.h - Kinds and fields of the effects of calling lists: records that are fetched,
 * checked and written back: KIND_FetchRecords, FetchRecords_campaign and so on. In each of them the fields are
 * numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_list.def"
#include "runtime/vocabulary/message_names.def"
