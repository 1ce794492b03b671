/* runtime/vocabulary/effects_work.h - Kinds and fields of the effects of offers and of written work: invitations,
 * messages, sessions, categories: KIND_Invite, Invite_claim and so on. In each of them the fields are numbered from
 * 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_work.def"
#include "runtime/vocabulary/message_names.def"
