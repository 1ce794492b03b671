/* runtime/core/media/outbound.h - Records of calling lists begin and end their interactions. */
#pragma once

#include "runtime/core/campaigns/list_record.h"

struct core;

/* The operations by which the records of that core call this room; the core has them when its parts begin. */
struct list_record_calls outbound_calls(struct core *);
