/* runtime/detector/tones.c - Finds where tones begin and end, and which cadence, special information tone or fax
 * they are.
 *
 * Each frequency is a bin (hear.h); a tone has one or two bins. Each tone has the lengths of its last bursts and
 * pauses in frames, the newest first (past[0] is the burst, past[1] the pause before it), and a cadence is compared
 * with them from its end backwards. So a cadence is recognised wherever the listening began within it, and the
 * cadences of two countries may share a tone. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "runtime/detector/hear.h"

enum {
    TONE_sit1,
    TONE_sit2,
    TONE_sit3,
    TONE_calls,
    TONE_answers,
    TONE_own,     /* the country's begin here */
    GAP = 3,      /* frames without the tone that do not end a burst: noise, a jump of the phase */
    BURST = 5,    /* the least frames of a burst */
    SETTLED = 70, /* a pause of so many frames is long enough for any cadence with a longer last pause */
};

struct cadence {
    const char *country;
    enum detector_sound sound;
    uint16_t f1, f2;
    uint32_t times[4]; /* times in ms: burst, pause, burst, pause */
    uint32_t cycles, slack;
};
static const struct cadence cadences[] = {
#define COUNTRY(name, doc)
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)                                                    \
    {NULL, DETECTOR_##sound, f1, f2, {on1, off1, on2, off2}, cycles, slack},
#define END_COUNTRY(name) {#name, DETECTOR_nothing, 0, 0, {0}, 0, 0},
#include "runtime/detector/cadences.def"
};
enum { CADENCES = sizeof cadences / sizeof *cadences };

/* The index of the first row of a country; its rows end with a row that has its name. */
static unsigned tone_first_of(unsigned country)
{
    unsigned at = 0;
    for (; country > 0; at++)
        if (cadences[at].country) country--;
    assert(at < CADENCES);
    return at;
}

int detector_country(const char *name)
{
    int country = 0;
    for (unsigned at = 0; at < CADENCES; at++) {
        if (!cadences[at].country) continue;
        if (strcmp(cadences[at].country, name) == 0) return country;
        country++;
    }
    return -1;
}

static struct detector_tone *tone_add(struct detector *d, float f1, float f2, bool chord, uint8_t frames)
{
    assert(d->tones < DETECTOR_TONES && d->bins + (f2 > 0 ? 2 : 1) <= DETECTOR_BINS);
    struct detector_tone *tone = &d->tone[d->tones++];
    *tone = (struct detector_tone){.first = d->bins, .count = f2 > 0 ? 2 : 1, .chord = chord, .frames = frames};
    bin_begin(&d->bin[d->bins++], f1);
    if (f2 > 0) bin_begin(&d->bin[d->bins++], f2);
    return tone;
}

static bool tone_is(const struct detector *d, const struct detector_tone *tone, const struct cadence *cadence)
{
    return d->bin[tone->first].hz == cadence->f1 && (tone->count == 2 ? d->bin[tone->first + 1].hz : 0) == cadence->f2;
}

/* Prepares the tones to listen for. A band of the special information tones includes both North American frequencies
 * of its place, and ITU-T's between them. */
void tones_begin(struct detector *d)
{
    d->bins = d->tones = 0;
    tone_add(d, 932, 968, false, 1);
    tone_add(d, 1385, 1415, false, 1);
    tone_add(d, 1788, 0, false, 1);
    tone_add(d, 1100, 0, false, 1);
    tone_add(d, 2100, 0, false, 1);
    for (unsigned at = tone_first_of(d->country); !cadences[at].country; at++) {
        bool known = false;
        for (unsigned tone = TONE_own; tone < d->tones; tone++) known |= tone_is(d, &d->tone[tone], &cadences[at]);
        if (!known) tone_add(d, cadences[at].f1, cadences[at].f2, cadences[at].f2 != 0, 2);
    }
}

/* The share of a bin (a frequency) in the energy of the current frame, or of the last two frames if the tone is
 * judged by two. */
static float tone_share(const struct detector *d, const struct detector_tone *tone, unsigned at)
{
    assert(at < tone->count);
    const struct detector_bin *bin = &d->bin[tone->first + at];
    float real = bin->now[0], imaginary = bin->now[1], energy = d->energy[0];
    if (tone->frames == 2) {
        real += bin->before[0];
        imaginary += bin->before[1];
        energy += d->energy[1];
    }
    return energy <= 0 ? 0 : (real * real + imaginary * imaginary) * 2 / (DETECTOR_FRAME * tone->frames) / energy;
}

static bool tone_is_there(const struct detector *d, const struct detector_tone *tone)
{
    float share = tone_share(d, tone, 0), other = tone->count == 2 ? tone_share(d, tone, 1) : 0;
    float energy = tone->frames == 2 ? (d->energy[0] + d->energy[1]) / 2 : d->energy[0];
    if (energy < d->tone_least) return false;
    /* the two tones of a chord may differ by about 8 dB */
    if (tone->chord && (share < 0.12f || other < 0.12f)) return false;
    float whole = tone->chord ? share + other : share > other ? share : other;
    return whole * 100 >= (float)d->rules.tone_share;
}

static void tone_drift(const struct detector *d, struct detector_tone *tone)
{
    for (unsigned at = 0; at < tone->count; at++) {
        const struct detector_bin *bin = &d->bin[tone->first + at];
        tone->drift[at][0] += bin->now[0] * bin->before[0] + bin->now[1] * bin->before[1];
        tone->drift[at][1] += bin->now[1] * bin->before[0] - bin->now[0] * bin->before[1];
    }
}

/* The frequency in Hz of the burst that has ended: that of the stronger bin, corrected by how much its phase changed
 * from frame to frame. */
static float heard_hz(const struct detector *d, const struct detector_tone *tone)
{
    assert(tone->count <= 2);
    float strength[2] = {0}, best[2] = {0};
    for (unsigned at = 0; at < tone->count; at++) {
        const float *of = tone->ended_drift[at];
        strength[at] = of[0] * of[0] + of[1] * of[1];
        best[at] =
            d->bin[tone->first + at].hz + atan2f(of[1], of[0]) / (2 * (float)M_PI) * DETECTOR_RATE / DETECTOR_FRAME;
    }
    return best[strength[1] > strength[0]];
}

static void past_add(struct detector_tone *tone, uint32_t pause, uint32_t burst)
{
    memmove(tone->past + 2, tone->past, sizeof tone->past - 2 * sizeof *tone->past);
    tone->past[0] = burst;
    tone->past[1] = pause;
}

static void burst_begins(const struct detector *d, struct detector_tone *tone)
{
    tone->on = true;
    tone->paused = tone->since;
    tone->since = d->frame;
    memset(tone->drift, 0, sizeof tone->drift);
}

static void burst_ends(struct detector *d, struct detector_tone *tone)
{
    assert(tone->on && tone->last + 1 >= tone->since);
    tone->on = false;
    if (tone->last + 1 - tone->since < BURST) {
        tone->since = tone->paused;
        return;
    }
    past_add(tone, tone->since - tone->paused, tone->last + 1 - tone->since);
    memcpy(tone->ended_drift, tone->drift, sizeof tone->drift);
    if (tone->past[0] >= TONES_SURE) d->quiet = d->frame;
    tone->since = tone->last + 1;
}

static void tone_hear(struct detector *d, struct detector_tone *tone)
{
    if (tone_is_there(d, tone)) {
        if (!tone->on)
            burst_begins(d, tone);
        else if (tone->last + 1 == d->frame)
            tone_drift(d, tone);
        tone->last = d->frame;
    } else if (tone->on && d->frame - tone->last > GAP)
        burst_ends(d, tone);
}

static uint32_t tones_lasts(const struct detector *d, const struct detector_tone *tone)
{
    return tone->on ? tone->last + 1 - tone->since : d->frame + 1 - tone->since;
}

static bool tone_fits(uint32_t frames, uint32_t ms, uint32_t slack)
{
    uint32_t lasted = frames * FRAME_MS * 100;
    return lasted + 1000 >= ms * (100 - slack) && lasted <= ms * (100 + slack) + 1000;
}

/* Are the latest bursts and pauses those of the cadence? The cadence's last pause need not have ended; it must only
 * be too long for a cadence with a shorter one. */
static bool cadence_heard(const struct detector *d, const struct detector_tone *tone, const struct cadence *cadence)
{
    unsigned length = cadence->times[2] ? 4 : 2, back = 0;
    uint32_t now = tones_lasts(d, tone), end = cadence->times[length - 1];
    if (end == 0) return tone->on && now * FRAME_MS >= cadence->times[0];
    uint32_t least = end * (100 - cadence->slack) / 100 / FRAME_MS;
    if (tone->on || now < (least < SETTLED ? least : SETTLED)) return false;
    for (unsigned count = length * cadence->cycles - 1; count > 0; count--, back++) {
        uint32_t wanted = cadence->times[(count - 1) % length];
        if (back >= DETECTOR_PAST || !tone_fits(tone->past[back], wanted, cadence->slack)) return false;
    }
    return true;
}

static enum detector_sound cadence_of(struct detector *d)
{
    for (unsigned at = tone_first_of(d->country); !cadences[at].country; at++)
        for (unsigned own = TONE_own; own < d->tones; own++) {
            const struct cadence *cadence = &cadences[at];
            if (!tone_is(d, &d->tone[own], cadence) || !cadence_heard(d, &d->tone[own], cadence)) continue;
            if (cadence->sound == DETECTOR_ringing) {
                if (d->rang) continue;
                d->patience = cadence->times[cadence->times[2] ? 3 : 1] / FRAME_MS;
            }
            return cadence->sound;
        }
    return DETECTOR_nothing;
}

static const struct {
    enum detector_sound sound;
    bool high1, long1, high2, long2;
} specials[] = {
#define SIT(sound, f1, ms1, f2, ms2) {DETECTOR_##sound, (f1) > 9500, (ms1) > 327, (f2) > 14000, (ms2) > 327},
#include "runtime/detector/sit.def"
};

/* Had the tone's last burst the length of a special information tone, and did it end where the next tone began? */
static bool tone_follows(const struct detector_tone *tone, uint32_t next)
{
    uint32_t end = tone->since; /* the end of the last burst */
    return !tone->on && tone->past[0] >= 20 && tone->past[0] <= 45 && next + 2 >= end && next <= end + 5;
}

/* The special information tone that was heard; it is recognised when its third tone has lasted half of its time. */
static enum detector_sound special_of(const struct detector *d)
{
    const struct detector_tone *one = &d->tone[TONE_sit1], *two = &d->tone[TONE_sit2], *three = &d->tone[TONE_sit3];
    if (!three->on || tones_lasts(d, three) != 18) return DETECTOR_nothing;
    if (!tone_follows(two, three->since) || !tone_follows(one, two->since - two->past[0])) return DETECTOR_nothing;
    float f1 = heard_hz(d, one), f2 = heard_hz(d, two);
    if (fabsf(f1 - 950) <= 18) return DETECTOR_sit; /* between the two North American frequencies: ITU-T's signal */
    for (unsigned at = 0; at < sizeof specials / sizeof *specials; at++)
        if (specials[at].high1 == (f1 > 950) && specials[at].long1 == (one->past[0] * FRAME_MS > 327) &&
            specials[at].high2 == (f2 > 1400) && specials[at].long2 == (two->past[0] * FRAME_MS > 327))
            return specials[at].sound;
    return DETECTOR_sit;
}

static bool fax_heard(const struct detector *d, unsigned tone, int32_t ms)
{
    return d->tone[tone].on && tones_lasts(d, &d->tone[tone]) * FRAME_MS >= (uint32_t)ms;
}

enum detector_sound tones_hear(struct detector *d)
{
    for (unsigned at = 0; at < d->bins; at++) bin_hear(&d->bin[at], d->samples);
    for (unsigned at = 0; at < d->tones; at++) tone_hear(d, &d->tone[at]);
    enum detector_sound sound = special_of(d);
    if (sound != DETECTOR_nothing) return sound;
    if (fax_heard(d, TONE_calls, d->rules.fax_calls)) return DETECTOR_fax_calls;
    if (fax_heard(d, TONE_answers, d->rules.fax_answers)) return DETECTOR_fax_answers;
    return cadence_of(d);
}

unsigned tones_sound(const struct detector *d)
{
    unsigned most = 0;
    for (unsigned at = 0; at < d->tones; at++)
        if (d->tone[at].on && tones_lasts(d, &d->tone[at]) > most) most = tones_lasts(d, &d->tone[at]);
    return most;
}
