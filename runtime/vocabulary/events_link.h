/* runtime/vocabulary/events_link.h - Kinds and fields of the events of links, which links are up and what exists at
 * them: KIND_LinkUp, LinkUp_link and so on, from 16 in the order of the table. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_link.def"
#include "runtime/vocabulary/message_names.def"
