/* tests/unit/detector_rival.c - What libspandsp hears. */
#include <spandsp.h>
#include <string.h>

#include "tests/unit/detector_rival.h"

enum { TONES_MAX = 32 };
struct rival {
    enum detector_sound tones[TONES_MAX], heard; /* by the number that the library gives a tone */
};

static const struct row {
    const char *country; /* of the rows before */
    enum detector_sound sound;
    int f1, f2, times[4], slack;
} rows[] = {
#define COUNTRY(name, doc)
#define CADENCE(sound, f1, f2, on1, off1, on2, off2, cycles, slack)                                                    \
    {NULL, DETECTOR_##sound, f1, f2, {on1, off1, on2, off2}, slack},
#define END_COUNTRY(name) {#name, DETECTOR_nothing, 0, 0, {0}, 0},
#include "runtime/detector/cadences.def"
};

static const struct {
    enum detector_sound sound;
    int f1, ms1, f2, ms2;
} specials[] = {
#define SIT(sound, f1, ms1, f2, ms2) {DETECTOR_##sound, (f1) / 10, ms1, (f2) / 10, ms2},
#include "runtime/detector/sit.def"
    {DETECTOR_sit, 950, 330, 1400, 330},
};

static void heard(struct rival *rival, enum detector_sound sound)
{
    if (rival->heard == DETECTOR_nothing || rival->heard == DETECTOR_ringing) rival->heard = sound;
}

static void supervisory(void *self, int code, int level, int delay)
{
    struct rival *rival = self;
    (void)level;
    (void)delay;
    if (code >= 0 && code < TONES_MAX) heard(rival, rival->tones[code]);
}

static void row_add(struct rival *rival, super_tone_rx_descriptor_t *all, const struct row *row)
{
    int tone = super_tone_rx_add_tone(all);
    rival->tones[tone] = row->sound;
    for (int at = 0; at < 4 && row->times[at] > 0; at++) {
        bool on = at % 2 == 0;
        int least = row->times[at] * (100 - row->slack) / 100, most = row->times[at] * (100 + row->slack) / 100;
        if (row->times[1] == 0) most = 0; /* it does not end */
        super_tone_rx_add_element(all, tone, on ? row->f1 : 0, on ? row->f2 : 0, least, most);
    }
}

/* It does not tell frequencies apart that are 36 Hz apart: North America's, or those of ITU-T. */
static void specials_add(struct rival *rival, super_tone_rx_descriptor_t *all, bool america)
{
    for (size_t at = 0; at < sizeof specials / sizeof *specials; at++) {
        if (america == (specials[at].sound == DETECTOR_sit)) continue;
        int tone = super_tone_rx_add_tone(all);
        rival->tones[tone] = specials[at].sound;
        super_tone_rx_add_element(all, tone, specials[at].f1, 0, specials[at].ms1 - 50, specials[at].ms1 + 50);
        super_tone_rx_add_element(all, tone, specials[at].f2, 0, specials[at].ms2 - 50, specials[at].ms2 + 50);
        super_tone_rx_add_element(all, tone, 1777, 0, 250, 450);
    }
}

enum detector_sound rival_hears(const char *country, const int16_t *samples, size_t count, size_t *taken)
{
    struct rival rival = {0};
    super_tone_rx_descriptor_t *all = super_tone_rx_make_descriptor(NULL);
    size_t last = 0, first;
    while (!rows[last].country || strcmp(rows[last].country, country) != 0) last++;
    for (first = last; first > 0 && !rows[first - 1].country;) first--;
    for (; first < last; first++) row_add(&rival, all, &rows[first]);
    specials_add(&rival, all, strcmp(country, "us") == 0);
    super_tone_rx_state_t *tones = super_tone_rx_init(NULL, all, supervisory, &rival);
    modem_connect_tones_rx_state_t *calls = modem_connect_tones_rx_init(NULL, MODEM_CONNECT_TONES_FAX_CNG, NULL, NULL);
    modem_connect_tones_rx_state_t *answers = modem_connect_tones_rx_init(NULL, MODEM_CONNECT_TONES_ANS_PR, NULL, NULL);
    size_t at = 0;
    while (at < count && (rival.heard == DETECTOR_nothing || rival.heard == DETECTOR_ringing)) {
        int some = count - at < 160 ? (int)(count - at) : 160;
        super_tone_rx(tones, samples + at, some);
        modem_connect_tones_rx(calls, samples + at, some);
        modem_connect_tones_rx(answers, samples + at, some);
        at += (size_t)some;
        if (modem_connect_tones_rx_get(calls) == MODEM_CONNECT_TONES_FAX_CNG) heard(&rival, DETECTOR_fax_calls);
        if (modem_connect_tones_rx_get(answers) != MODEM_CONNECT_TONES_NONE) heard(&rival, DETECTOR_fax_answers);
    }
    super_tone_rx_free(tones);
    super_tone_rx_free_descriptor(all);
    modem_connect_tones_rx_free(calls);
    modem_connect_tones_rx_free(answers);
    *taken = at;
    return rival.heard;
}
