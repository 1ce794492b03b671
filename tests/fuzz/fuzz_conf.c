/* tests/fuzz/fuzz_conf.c - Any bytes as the configuration of gcxvm: it is read, or complaints say why, and each names
 * the file. */
#include <string.h>

#include "runtime/daemon/site/conf.h"
#include "tests/fuzz/fuzz.h"

static void complaint(void *self, const char *text)
{
    unsigned *count = self;
    MUST(strncmp(text, "/proc/self/fd/", 14) == 0);
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const keys[] = {"*switch", "port", NULL};
    unsigned complaints = 0;
    struct conf *conf = conf_read(fuzz_file(bytes, length), NULL, complaint, &complaints);
    MUST((!conf) == (complaints > 0));
    for (size_t i = 0; conf && i < conf->adapter_count; i++) {
        complaints = 0;
        bool good = conf_check_adapter(conf, &conf->adapters[i], keys, complaint, &complaints);
        MUST(good == (complaints == 0));
        conf_level(conf, conf->adapters[i].name);
    }
    conf_free(conf);
    return 0;
}
