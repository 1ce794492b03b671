/* runtime/vocabulary/events_agent.h - Kinds and fields of the events of agents, their desktops, and the data of
 * interactions: KIND_EventAgentState, EventAgentState_agent and so on. In each of them the fields are numbered from
 * 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_agent.def"
#include "runtime/vocabulary/message_names.def"
