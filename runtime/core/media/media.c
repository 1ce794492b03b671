/* runtime/core/media/media.c - The table of media, and the events that begin or end an interaction of any medium. */
#include "runtime/core/media/media.h"

#include <assert.h>

#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/directory/may.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/hand_over.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/media/properties.h"
#include "runtime/core/steps/verify.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_work.h"

#define MEDIUM(medium, family) extern const struct media_ops media_ops_##family;
#include "runtime/core/media/media.def"

static const struct media_ops *const ops_by_medium[MEDIA_KINDS] = {
#define MEDIUM(medium, family) [media_##medium] = &media_ops_##family,
#include "runtime/core/media/media.def"
};

/* Never called: the compiler refuses an enumeration that has a value without a row (-Wswitch). */
__attribute__((unused)) static void media_all_have_rows(enum media medium)
{
    switch (medium) {
#define MEDIUM(medium, family) case media_##medium:
#include "runtime/core/media/media.def"
        break;
    }
}

/* Returns the operations of all media, which must have the operations that are checked here; all other operations
 * may be missing. */
const struct media_ops *const *media_all(void)
{
    for (unsigned i = 0; i < MEDIA_KINDS; i++) {
        const struct media_ops *ops = ops_by_medium[i];
        assert((ops != NULL) == media_is_known(i));
        if (!ops) continue;
        assert(ops->arrive && ops->observed && "a medium lacks .arrive or .observed");
        assert(ops->offer && ops->default_route && "a medium lacks .offer or .default_route");
        assert(ops->capacity && "a medium lacks .capacity");
        assert(ops->leg_ended && "a medium lacks .leg_ended");
    }
    return ops_by_medium;
}

void media_on_created(struct core *core, const struct message *message)
{
    core->media[message_u(message, EventCallCreated_media)]->arrive(core, message);
}

void media_on_submit(struct core *core, const struct message *message)
{
    const struct media_ops *ops = core->media[message_u(message, Submit_media)];
    uint64_t ixn = 0;
    enum code code = ops->submit ? ops->submit(core, message, &ixn) : code_unsupported;
    enum outcome outcome = code == code_ok                      ? outcome_ok
                           : code == code_unsupported           ? outcome_unsupported
                           : code == code_duplicate && ixn != 0 ? outcome_duplicate
                                                                : outcome_error;
    effect_reply_about(core->effects, message, ixn, outcome, code, code == code_ok ? NULL : enum_name_code(code), NULL);
    if (code == code_ok && ops->submitted) ops->submitted(core, ixn);
}

void media_on_user_data(struct core *core, const struct message *message)
{
    bool supervises = message_u(message, RequestUserData_supervises) != 0;
    if (may_refuses(core, message, supervises, interaction_of(core->interactions, message))) return;
    if (message_u(message, RequestUserData_op) == data_op_ChangeProperties)
        properties_on_request(core, message);
    else
        userdata_on_request(core->interactions, message);
    verify_heard(core, message);
}

void media_on_deleted(struct core *core, const struct message *message)
{
    hand_over_leg_ended(core->hand_overs, message_u(message, ENVELOPE_conn));
    struct interaction *ix = interaction_by_conn(core->interactions, message_u(message, ENVELOPE_conn));
    if (ix && ix->link == message_u(message, ENVELOPE_source))
        core->media[ix->media]->leg_ended(core, ix, (unsigned)message_u(message, EventCallDeleted_cause));
}
