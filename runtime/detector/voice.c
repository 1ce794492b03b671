/* runtime/detector/voice.c - Finds voices: they are louder than the noise, periodic as vowels are, and not steady
 * like tones and fans. The length of a greeting distinguishes a machine from a person.
 *
 *     "Hello?"                         pause     -> person        short, then silence
 *     "You have reached the office of ..."       -> machine       longer than rules.greeting without a pause
 *
 *     level     of the last three frames against the noise, the softest slot of two seconds
 *     periodic  the sound of 40 ms against itself one pitch period earlier, 80 to 400 Hz
 *     steady    within 1.5 dB for 160 ms: a tone or a fan
 */
#include <assert.h>
#include <string.h>

#include "runtime/detector/hear.h"

enum {
    SLOT = 10,       /* frames in one slot of the noise */
    FIRST_SLOTS = 5, /* with fewer slots the noise is not known, and counts as 0 */
    STRIDE = 4,      /* samples that become one: periods are looked for at a fourth of the rate */
    LAG_LEAST = 5,   /* 400 Hz */
    LAG_MOST = 25,   /* 80 Hz */
    PERIODIC = 6,    /* a voice has at least so many periodic frames */
};

/* Adds the current frame at a fourth of the rate, which is enough to find the periods of voices. */
static void slow_hear(struct detector *d)
{
    static_assert((int)DETECTOR_FRAME % (int)STRIDE == 0, "a frame is whole at a fourth of the rate");
    enum { NEW = DETECTOR_FRAME / STRIDE };
    memmove(d->slow, d->slow + NEW, (DETECTOR_SLOW - NEW) * sizeof *d->slow);
    for (unsigned at = 0; at < NEW; at++) {
        const float *from = d->samples + at * STRIDE;
        d->slow[DETECTOR_SLOW - NEW + at] = from[0] + from[1] + from[2] + from[3];
    }
}

/* Are the last 40 ms periodic: is their correlation with the sound one period earlier above 0.6? */
static bool voice_periodic(const struct detector *d)
{
    static_assert((int)LAG_MOST < (int)DETECTOR_SLOW, "a period fits into what is remembered");
    float energy = 0;
    for (unsigned at = LAG_MOST; at < DETECTOR_SLOW; at++) energy += d->slow[at] * d->slow[at];
    for (unsigned lag = LAG_LEAST; lag <= LAG_MOST; lag++) {
        float both = 0, other = 0;
        for (unsigned at = LAG_MOST; at < DETECTOR_SLOW; at++) {
            both += d->slow[at] * d->slow[at - lag];
            other += d->slow[at - lag] * d->slow[at - lag];
        }
        if (both > 0 && both * both > 0.36f * energy * other) return true;
    }
    return false;
}

static float voice_mean(const float *level, unsigned count)
{
    float sum = 0;
    for (unsigned at = 0; at < count; at++) sum += level[at];
    return sum / (float)count;
}

static void floor_hear(struct detector *d, float level)
{
    if (d->frame % SLOT == 0) {
        memmove(d->floor + 1, d->floor, (DETECTOR_SLOTS - 1) * sizeof *d->floor);
        d->floor[0] = level;
        if (d->slots < DETECTOR_SLOTS) d->slots++;
    } else if (level < d->floor[0])
        d->floor[0] = level;
}

/* The level of the noise: the softest slot of the last two seconds. */
static float voice_noise(const struct detector *d)
{
    assert(d->slots <= DETECTOR_SLOTS);
    float least = d->floor[0];
    if (d->slots < FIRST_SLOTS) return 0;
    for (unsigned at = 1; at < d->slots; at++)
        if (d->floor[at] < least) least = d->floor[at];
    return least;
}

/* Has the level stayed within 1.5 dB for 160 ms, which that of voices does not? */
static bool voice_steady(struct detector *d)
{
    float least = d->flat[0], most = least;
    memmove(d->flat + 1, d->flat, (DETECTOR_FLAT - 1) * sizeof *d->flat);
    d->flat[0] = voice_mean(d->level, 5);
    for (unsigned at = 0; at < DETECTOR_FLAT; at++) {
        if (d->flat[at] < least) least = d->flat[at];
        if (d->flat[at] > most) most = d->flat[at];
    }
    return most < 1.41f * least;
}

/* Is the greeting a voice: loud for long enough, at least a quarter of it periodic, and at most two fifths steady? */
static bool is_voice(const struct detector *d)
{
    const struct detector_greeting *greeting = &d->greeting;
    return greeting->loud * FRAME_MS >= (uint32_t)d->rules.word && greeting->periodic >= PERIODIC &&
           greeting->periodic * 4 >= greeting->loud && greeting->steady * 5 <= greeting->loud * 2;
}

/* Is the greeting that of a machine or a person? A machine is reported while it still talks; a person only when a
 * pause has come. */
static enum detector_sound greeting_of(struct detector *d)
{
    struct detector_greeting *greeting = &d->greeting;
    if ((greeting->last + 1 - greeting->since) * FRAME_MS >= (uint32_t)d->rules.greeting && is_voice(d))
        return DETECTOR_machine;
    if ((d->frame - greeting->last) * FRAME_MS < (uint32_t)d->rules.pause) return DETECTOR_nothing;
    greeting->on = false;
    return is_voice(d) ? DETECTOR_person : DETECTOR_nothing;
}

static void greeting_hear(struct detector *d, bool is_steady)
{
    struct detector_greeting *greeting = &d->greeting;
    if (!greeting->on) *greeting = (struct detector_greeting){.on = true, .since = d->frame};
    greeting->last = d->frame;
    greeting->loud++;
    if (is_steady) greeting->steady++;
    if (!voice_periodic(d)) return;
    if (greeting->periodic++ == 0) greeting->since = d->frame; /* the frames before this one were noise, or breath */
}

/* Takes the current frame; called also before the call is answered, because the noise must be known by then. */
enum detector_sound voice_hear(struct detector *d)
{
    memmove(d->level + 1, d->level, sizeof d->level - sizeof *d->level);
    d->level[0] = d->energy[0];
    float level = voice_mean(d->level, 3);
    bool is_steady = voice_steady(d);
    slow_hear(d);
    floor_hear(d, level);
    if (!d->answered) return DETECTOR_nothing;
    if (tones_sound(d) >= TONES_SURE) {
        d->greeting = d->greeting_before; /* the voice since the tone began was the tone itself */
        return DETECTOR_nothing;
    }
    if (level > d->voice_least && level > voice_noise(d) * d->voice_times) greeting_hear(d, is_steady);
    if (tones_sound(d) == 0) d->greeting_before = d->greeting;
    enum detector_sound sound = d->greeting.on ? greeting_of(d) : DETECTOR_nothing;
    if (sound != DETECTOR_nothing || (d->greeting.on && d->greeting.periodic >= PERIODIC)) return sound;
    uint32_t quiet = d->frame - d->quiet;
    return quiet >= (uint32_t)d->rules.silence / FRAME_MS + d->patience ? DETECTOR_silence : DETECTOR_nothing;
}
