/* runtime/vocabulary/events_link.h - Kinds and fields of the events of links, which links are up and what exists at
 * them: KIND_LinkUp, LinkUp_link and so on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_link.def"
#include "runtime/vocabulary/message_names.def"
