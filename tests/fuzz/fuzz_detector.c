/* tests/fuzz/fuzz_detector.c - Any bytes as a sound file, and as what comes over a line: it is refused with a reason or
 * judged, and the verdict does not depend on how the sound was cut into pieces. */
#include <string.h>

#include "runtime/detector/detector.h"
#include "runtime/detector/wave.h"
#include "tests/fuzz/fuzz.h"

static int16_t samples[1 << 16];

/* Each verdict until the last; the last one is given. */
static struct detector_verdict judged(size_t count, size_t piece, int country, bool answered)
{
    static struct detector detector;
    struct detector_verdict verdict = {0}, last = {0};
    detector_begin(&detector, &detector_rules_usual, country);
    if (answered) detector_answered(&detector);
    for (size_t at = 0; at < count;) {
        size_t some = count - at < piece ? count - at : piece;
        size_t taken = detector_hear(&detector, samples + at, some, &verdict);
        MUST(taken > 0 && taken <= some && *detector_sound_name(verdict.sound));
        MUST(verdict.sound == DETECTOR_nothing || verdict.sure_ms > last.sure_ms);
        at += taken;
        if (verdict.sound == DETECTOR_nothing) continue;
        MUST(!last.final && (size_t)verdict.sure_ms * 8 <= at);
        last = verdict;
    }
    return last;
}

static void heard(size_t count, uint8_t how)
{
    static const char *const countries[] = {"us", "eu", "uk", "fr"};
    int country = detector_country(countries[how % 4]);
    struct detector_verdict one = judged(count, 160, country, how & 4),
                            other = judged(count, 7 + how, country, how & 4);
    MUST(one.sound == other.sound && one.sure_ms == other.sure_ms && one.cause == other.cause);
}

/* The first byte is for the detector. What follows is a file; where it is none, a line's bytes, each as loud as it
 * likes and as long as the next one says. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct wave wave;
    struct error error = {0};
    if (length == 0) return 0;
    if (wave_parse(bytes + 1, length - 1, &wave, &error)) {
        size_t count = wave_read(&wave, 0, samples, sizeof samples / sizeof *samples);
        MUST(count <= wave.count);
        heard(count, bytes[0]);
        return 0;
    }
    MUST(error.code == ERROR_INPUT && error.text[0]);
    size_t count = 0;
    for (size_t at = 1; at + 1 < length; at += 2)
        for (unsigned i = 0; i < 8u * bytes[at + 1] && count < sizeof samples / sizeof *samples; i++)
            samples[count++] = (int16_t)((int8_t)bytes[at] * (i * bytes[at] / 16 % 2 ? 256 : -256));
    heard(count, bytes[0]);
    return 0;
}
