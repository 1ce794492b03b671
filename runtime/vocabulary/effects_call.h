/* runtime/vocabulary/effects_call.h - Kinds and fields of the effects of calls: routes, treatments, dialling, user
 * data, agents' states: KIND_RequestRouteCall, RequestRouteCall_dn and so on. In each of them the fields are
 * numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/effects_call.def"
#include "runtime/vocabulary/message_names.def"
