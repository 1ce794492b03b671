/* tests/flows/detector_rival.c - What libspandsp hears in sound files. Usage: detector_rival COUNTRY FILE.wav... */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/detector/wave.h"
#include "base/file.h"
#include "tests/unit/detector_rival.h"

int main(int argc, char **argv)
{
    for (int at = 2; at < argc; at++) {
        const char *why;
        size_t length;
        struct wave wave;
        struct error error;
        char *file = file_read(argv[at], 1 << 28, &length, &why);
        if (!file || !wave_parse((const uint8_t *)file, length, &wave, &error)) return 1;
        int16_t *samples = malloc(wave.count * sizeof *samples + 1);
        size_t count = wave_read(&wave, 0, samples, wave.count);
        printf("%s: %s\n", argv[at], detector_sound_name(rival_hears(argv[1], samples, count, &count)));
        free(samples);
        free(file);
    }
    return 0;
}
