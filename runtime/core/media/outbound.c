/* runtime/core/media/outbound.c - Records of calling lists: they begin as their campaigns say
 * (campaigns/list_record.h); a leg that is dialled for one is a call. */
#include "runtime/core/base/media.h"
#include "runtime/core/media/voice.h"

/* The agent speaks with the person who is called, so this takes what a call takes. */
static enum media outbound_capacity(const struct interaction *ix)
{
    (void)ix;
    return media_voice;
}

const struct media_ops media_ops_outbound = {
    .arrive = voice_arrive,
    .observed = voice_observed,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .capacity = outbound_capacity,
    .leg_ended = voice_leg_ended,
};
