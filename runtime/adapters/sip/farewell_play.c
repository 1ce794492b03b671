/* runtime/adapters/sip/farewell_play.c - Plays the messages of a campaign's call to a person or to a machine.
 *
 *     machine: "You have reached ... beep"          | silent for QUIET_MS
 *     we:                                            "This is ... please call back"
 *     machine:                   speaks again -> our message stops, and waits for silence anew
 *
 * For the core a call with a machine ends as soon as the machine is detected; the exchange holds the line until it
 * has left the message. */
#include <stdlib.h>

#include "runtime/adapters/sip/farewell.h"

enum {
    EARLY_MS = 100,         /* how much earlier than at its deadline the message begins */
    STRATEGY_MS = 2000,     /* how long a strategy that waits for the message's end has to end the call */
    QUIET_MS = 1000,        /* the silence after which a machine is taken to be recording */
    LOUD_FRAMES = 4,        /* that many loud packets in a row are a word, or a beep */
    LOUD_LEVEL = 330,       /* the mean of a loud packet's samples: -40 dB */
    POLL_MS = 50,           /* how often it is checked whether the machine is silent */
    AGAIN_MOST = 3,         /* how often an interrupted message is begun again */
    MACHINE_MOST_MS = 90000 /* how long a machine is tried; then it gets no message */
};

static void farewell_gone(void *self)
{
    struct farewell *farewell = self;
    talk_gone(farewell->talk, farewell->cause);
}

/* --- A person --- */

static void farewell_play(struct farewell *farewell)
{
    struct talk *talk = farewell->talk;
    if (!TALK_HOLDS(talk, farewell->person && !talk->detecting)) return;
    treatment_stop(talk, 0); /* music */
    farewell->state = FAREWELL_PLAYS;
    exchange_log(talk->exchange, GCX_LOG_INFO, "sip: call=%s: nobody has come in time, the message plays", talk->id);
    stream_play(talk->caller->stream, farewell->person, false);
}

/* Plays the message for a person at its deadline. If the detector still listens, the message waits for the verdict:
 * the message for a person must not be played to a machine. */
static void farewell_on_time(void *self)
{
    struct farewell *farewell = self;
    if (farewell->talk->detecting)
        farewell->state = FAREWELL_DUE;
    else
        farewell_play(farewell);
}

void farewell_answered(struct talk *talk)
{
    struct farewell *farewell = talk->farewell;
    if (farewell && farewell->person)
        alarm_set(&farewell->timer, talk->exchange->setting.message_within - EARLY_MS, farewell_on_time, farewell);
}

void farewell_person(struct talk *talk)
{
    if (talk->farewell && talk->farewell->state == FAREWELL_DUE) farewell_play(talk->farewell);
}

/* Ends the call after the message. A strategy that waits for the message's end gets a moment to end the call itself,
 * so that its own last steps are done. */
void farewell_played(struct talk *talk)
{
    struct farewell *farewell = talk->farewell;
    if (!farewell || (farewell->state != FAREWELL_PLAYS && farewell->state != FAREWELL_LEAVES)) return;
    struct call *call = talk_call(talk);
    if (farewell->state == FAREWELL_PLAYS) {
        cti_clock(&talk->exchange->cti);
        if (call) cti_call_unserved(&talk->exchange->cti, call);
        farewell->state = FAREWELL_OVER;
    }
    alarm_set(&farewell->timer, talk->treating ? STRATEGY_MS : 0, farewell_gone, farewell);
}

/* --- A machine --- */

/* Begins the message when the machine is silent, and stops it when the machine speaks again; one timer serves both
 * states. A limit on the whole time keeps a machine that is never silent from holding the line for good. */
static void farewell_poll(void *self)
{
    struct farewell *farewell = self;
    struct talk *talk = farewell->talk;
    uint64_t now_ms = loop_ms();
    if (now_ms - farewell->since_ms > MACHINE_MOST_MS) {
        exchange_log(talk->exchange, GCX_LOG_INFO, "sip: call=%s: the machine takes no message", talk->id);
        talk_gone(talk, cause_machine);
        return;
    }
    bool speaks = now_ms - farewell->loud_ms < QUIET_MS;
    alarm_set(&farewell->timer, POLL_MS, farewell_poll, farewell);
    if (farewell->state == FAREWELL_LEAVES && farewell->loud >= LOUD_FRAMES && farewell->again < AGAIN_MOST) {
        farewell->again++;
        farewell->state = FAREWELL_LISTENS;
        stream_stop(talk->caller->stream);
    } else if (farewell->state == FAREWELL_LISTENS && !speaks) {
        farewell->state = FAREWELL_LEAVES;
        exchange_log(talk->exchange, GCX_LOG_INFO, "sip: call=%s: the machine is left the message", talk->id);
        stream_play(talk->caller->stream, farewell->machine, false);
    }
}

/* Counts loud packets and does no more: sound comes in the handler of a socket, where no call may end and no other
 * sound may begin. */
static void farewell_hear(void *self, bool sent, const struct stream_sound *sound)
{
    struct farewell *farewell = self;
    uint64_t sum = 0;
    if (sent || sound->count == 0) return;
    for (size_t i = 0; i < sound->count; i++) sum += (uint64_t)abs(g711_decode(sound->law, sound->codes[i]));
    bool loud = sum / sound->count > LOUD_LEVEL;
    farewell->loud = loud ? farewell->loud + 1 : 0;
    if (loud) farewell->loud_ms = loop_ms();
}

bool farewell_machine(struct talk *talk)
{
    struct farewell *farewell = talk->farewell;
    struct call *call = talk_call(talk);
    if (!farewell || !farewell->machine) return false;
    if (!TALK_HOLDS(talk, !talk->detecting && !talk->called && farewell->state <= FAREWELL_DUE)) return false;
    farewell->state = FAREWELL_LISTENS;
    farewell->cause = cause_machine;
    farewell->since_ms = farewell->loud_ms = loop_ms();
    cti_clock(&talk->exchange->cti);
    if (call) cti_call_gone(&talk->exchange->cti, call, cause_machine);
    stream_set_tap(talk->caller->stream, TAP_DETECTOR, &(struct stream_tap){farewell, farewell_hear});
    alarm_set(&farewell->timer, POLL_MS, farewell_poll, farewell);
    return true;
}
