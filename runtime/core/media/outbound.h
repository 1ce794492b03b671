/* runtime/core/media/outbound.h - How records of calling lists begin and end their interactions. */
#pragma once

#include "runtime/core/campaigns/list_record.h"

struct core;

/* Returns the functions that begin and end the interactions of the core's records. */
struct list_record_calls outbound_calls(struct core *);
