/* tests/unit/adapter_sample.h - A plugin for tests: every Cancel is answered by an EventDone of the same ref, and a
 * call arrives when the core is there. */
#ifndef TESTS_ADAPTER_SAMPLE_H
#define TESTS_ADAPTER_SAMPLE_H

#include "runtime/adapter/gcx_adapter.h"

extern const struct gcx_adapter gcx_adapter;

#endif
