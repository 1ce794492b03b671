/* runtime/core/sizes.c - Fails to compile if a struct of sizes.def has more bytes than its row allows. */
#include <assert.h>

#include "runtime/core/base/timer.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/rollouts/rollout.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/site/counter.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/steps/booking.h"

#define SIZE(name, bytes, why) static_assert(sizeof(struct name) <= (bytes), "struct " #name ": " why);
#include "runtime/core/sizes.def"
