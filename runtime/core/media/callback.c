/* runtime/core/media/callback.c - Call-backs: they are submitted and wait as bookings (steps/booking.h); the leg
 * that is dialled for a call-back is a call. */
#include "runtime/core/base/media.h"
#include "runtime/core/media/voice.h"
#include "runtime/core/steps/booking.h"

const struct media_ops media_ops_callback = {
    .arrive = voice_arrive,
    .observed = voice_observed,
    .submit = booking_submit,
    .offer = voice_offer,
    .default_route = voice_default_route,
    .capacity = voice_capacity,
    .leg_ended = voice_leg_ended,
};
