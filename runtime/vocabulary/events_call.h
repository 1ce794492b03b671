/* runtime/vocabulary/events_call.h - Kinds and fields of the events of calls and sessions at a switch:
 * KIND_EventCallCreated, EventCallCreated_media and so on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_call.def"
#include "runtime/vocabulary/message_names.def"
