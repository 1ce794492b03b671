/* runtime/core/media/outbound.h - Records of calling lists begin and end their interactions. */
#pragma once

#include "runtime/core/campaigns/list_record.h"

struct core;

/* Returns the operations by which the core's records begin and end their interactions. */
struct list_record_calls outbound_calls(struct core *);
