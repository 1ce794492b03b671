/* runtime/adapters/sip/farewell.c - The messages of a campaign's call: loads them, and knows how far each has been
 * played.
 *
 * The sounds are loaded when the call is dialled, and held until it ends: a message that plays at its deadline must
 * not wait for a file. farewell_check() loads and releases them before the call begins, so a campaign with a missing
 * file dials nobody. */
#include "runtime/adapters/sip/farewell.h"

#include <stdlib.h>

#include "runtime/adapters/sip/announce.h"
#include "base/memory.h"

/* --- The messages that the user data name --- */

/* Loads a message. NULL without a reason: the user data name no such message. NULL with `why` set: the file that the
 * user data name cannot be read. The reason is kept in a static buffer and is valid until the next call. */
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

/* Ends the messages. The tap also serves the detector of persons, so it is removed only in the states in which this
 * file has set it. */
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

/* True: a person hears the message, so the call does not end now; it ends with that cause after the message. */
bool farewell_puts_off(struct talk *talk, enum cause cause)
{
    if (!farewell_plays(talk)) return false;
    talk->farewell->cause = cause;
    return true;
}
