/* runtime/vocabulary/events_work.h - Kinds and fields of the events of written work: what is submitted, accepted,
 * pulled, moved, and written in a session: KIND_Submit, Submit_media and so on. In each of them the fields are
 * numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_work.def"
#include "runtime/vocabulary/message_names.def"
