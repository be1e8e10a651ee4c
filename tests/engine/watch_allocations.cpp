// SPDX-License-Identifier: Apache-2.0
// malloc and its family, replaced for the whole program: counted, then done by glibc under its own names.
#include <cerrno>
#include <cstddef>

#include "watch.hpp"

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

std::uint64_t* counter = nullptr;

void add_one() {
    if (counter != nullptr) {
        ++*counter;
    }
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    add_one();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    add_one();
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
    add_one();
    return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    add_one();
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    *out = memalign(alignment, size);
    return *out == nullptr ? ENOMEM : 0;
}
void free(void* memory) {
    add_one();
    __libc_free(memory);
}
}

namespace regstorm::engine {

void count_allocations(std::uint64_t* count) { counter = count; }

}  // namespace regstorm::engine
