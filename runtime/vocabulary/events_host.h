/* runtime/vocabulary/events_host.h - Kinds and fields of the events of the host and partitions, answers, clocks and
 * so on: KIND_EventDone, EventDone_ref and so on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_host.def"
#include "runtime/vocabulary/message_names.def"
