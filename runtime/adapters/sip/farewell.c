/* runtime/adapters/sip/farewell.c - Messages of a campaign's call: for a person to whom nobody has come in time, and
 * for a machine.
 *
 *     WATCHES --- answered, message_within ---> DUE (the detector still listens) ---> PLAYS ---> gone: abandoned
 *        '--- a machine; the call is over for the core ---> LISTENS --- it is silent ---> LEAVES ---> gone
 *                                                              ^---- it speaks or beeps ----'
 *
 * The exchange plays them by itself, so that they are heard while the core is away, too. The message of a person is
 * heard to its end: what the strategy plays meanwhile counts as played, and the call ends behind it. An agent who
 * answers meanwhile has the call. */
#include <stdlib.h>

#include "runtime/adapters/sip/announce.h"
#include "runtime/adapters/sip/talk.h"
#include "runtime/vocabulary/memory.h"

enum {
    EARLY_MS = 100,         /* the message begins so much before its time is over */
    STRATEGY_MS = 2000,     /* a strategy that has waited for the message's end has so long to end the call */
    QUIET_MS = 1000,        /* a machine that is silent for so long takes messages */
    LOUD_FRAMES = 4,        /* so many packets in a row are a word, or a beep */
    LOUD_LEVEL = 330,       /* the mean of their samples: -40 dB */
    POLL_MS = 50,           /* how often it is looked whether a machine is silent */
    AGAIN_MOST = 3,         /* a message that is interrupted is left anew so often */
    MACHINE_MOST_MS = 90000 /* a machine that has not taken it by then is left alone */
};

enum farewell_state {
    FAREWELL_WATCHES,
    FAREWELL_DUE,
    FAREWELL_PLAYS,
    FAREWELL_LISTENS,
    FAREWELL_LEAVES,
    FAREWELL_OVER
};

struct farewell {
    struct talk *talk;
    enum farewell_state state;
    struct sound *person, *machine; /* NULL: no message */
    enum cause cause;
    uint64_t loud_ms, since_ms; /* the machine was heard last; it has answered */
    unsigned loud, again;
    struct alarm timer;
};

/* --- The messages that the data name --- */

static struct sound *farewell_sound(const struct exchange *exchange, struct span data, const char *key,
                                    const char **why)
{
    static char said[512];
    char name[NAME_SIZE], language[NAME_SIZE] = "";
    if (!announce_text(data, key, name, sizeof name)) return NULL;
    (void)announce_text(data, "language", language, sizeof language);
    struct sound *sound = sounds_prompt(exchange->sounds, name, language, NULL, said, sizeof said);
    if (!sound) *why = said;
    return sound;
}

bool farewell_check(const struct exchange *exchange, struct span data, const char **why)
{
    const char *lacks = NULL;
    sound_release(farewell_sound(exchange, data, "abandoned_message", &lacks));
    sound_release(farewell_sound(exchange, data, "machine_message", &lacks));
    if (lacks) *why = lacks;
    return !lacks;
}

void farewell_begin(struct talk *talk, struct span data)
{
    const char *why;
    struct sound *person = farewell_sound(talk->exchange, data, "abandoned_message", &why);
    struct sound *machine = farewell_sound(talk->exchange, data, "machine_message", &why);
    if (!person && !machine) return;
    struct farewell *farewell = memory_zeroed(1, sizeof *farewell);
    *farewell = (struct farewell){.talk = talk, .person = person, .machine = machine, .cause = cause_abandoned};
    talk->farewell = farewell;
}

void farewell_end(struct talk *talk)
{
    struct farewell *farewell = talk->farewell;
    if (!farewell) return;
    alarm_stop(&farewell->timer);
    bool listens = farewell->state == FAREWELL_LISTENS || farewell->state == FAREWELL_LEAVES;
    if (listens && talk->caller) stream_set_tap(talk->caller->stream, TAP_DETECTOR, NULL);
    sound_release(farewell->person);
    sound_release(farewell->machine);
    free(farewell);
    talk->farewell = NULL;
}

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

void farewell_served(struct talk *talk)
{
    const struct farewell *farewell = talk->farewell;
    bool talks = talk->called && talk->called->state == LEG_TALKING;
    if (farewell && (talks || farewell->state == FAREWELL_WATCHES)) farewell_end(talk);
}

bool farewell_plays(const struct talk *talk)
{
    return talk->farewell && talk->farewell->state == FAREWELL_PLAYS;
}

bool farewell_puts_off(struct talk *talk, enum cause cause)
{
    if (!farewell_plays(talk)) return false;
    talk->farewell->cause = cause;
    return true;
}

bool farewell_played(struct talk *talk)
{
    struct farewell *farewell = talk->farewell;
    if (!farewell || (farewell->state != FAREWELL_PLAYS && farewell->state != FAREWELL_LEAVES)) return false;
    struct call *call = talk_call(talk);
    if (farewell->state == FAREWELL_PLAYS) {
        cti_clock(&talk->exchange->cti);
        if (call) cti_call_unserved(&talk->exchange->cti, call);
        farewell->state = FAREWELL_OVER;
    }
    alarm_set(&farewell->timer, talk->treating ? STRATEGY_MS : 0, farewell_gone, farewell);
    treatment_played(talk);
    return true;
}

/* --- A machine --- */

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
