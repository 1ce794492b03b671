/* runtime/vocabulary/events_host.h - Kinds and fields of the events of the host and partitions, answers, clocks and so
 * on: KIND_EventDone, EventDone_ref and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EVENTS_HOST_H
#define VOCABULARY_EVENTS_HOST_H

#define MESSAGES_DEF "runtime/vocabulary/events_host.def"
#include "runtime/vocabulary/message_names.def"

#endif
