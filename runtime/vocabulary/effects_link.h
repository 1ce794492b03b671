/* runtime/vocabulary/effects_link.h - Kinds and fields of the effects of links and partitions: what an adapter must
 * know, answers to requests, and withdrawals of what is no longer wanted: KIND_Configure, Configure_version and so
 * on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_link.def"
#include "runtime/vocabulary/message_names.def"
