/* runtime/vocabulary/events_site.h - Kinds and fields of the events of the site: programs, directory,
 * administrators, debuggers, records of calling lists: KIND_EventRecord, EventRecord_record and so on. In each of
 * them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_site.def"
#include "runtime/vocabulary/message_names.def"
