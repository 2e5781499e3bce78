// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CPU_CUDA_HPP_
#define CPU_CUDA_HPP_

// As much of CUDA's language as the kernels use, for a C++ compiler.
//
// The threads of a block are fibers, one after the other up to each barrier, from the first to the
// last or the other way round: what must not depend on their order can be seen not to. Blocks run
// one after the other. So races are not seen: between blocks, or between threads of one block
// that no barrier parts.

#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static  // blocks run one after the other

using std::max;
using std::min;

struct Place
{
  unsigned x, y, z;
};

inline Place threadIdx, blockIdx, blockDim;

inline float __uint_as_float(unsigned bits)
{
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value)
{
  unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

template<typename Number, typename Other>
Number atomicAdd(Number * place, Other more)
{
  return std::exchange(*place, *place + more);
}

inline unsigned atomicOr(unsigned * place, unsigned bits)
{
  return std::exchange(*place, *place | bits);
}

class Block
{
public:
  explicit Block(std::function<void()> kernel) : kernel_(std::move(kernel)) {}

  void run(unsigned threads, bool backwards)
  {
    waiting_.assign(threads, false);
    fibers_.resize(threads);
    stacks_.resize(threads);
    for (unsigned thread = 0; thread < threads; ++thread) {
      begin(thread);
    }
    for (unsigned living = threads; living > 0; ) {
      const unsigned before = living;
      living = 0;
      for (unsigned turn = 0; turn < threads; ++turn) {
        const unsigned thread = backwards ? threads - 1 - turn : turn;
        if (started_ || waiting_[thread]) {
          living += resume(thread);
        }
      }
      started_ = false;
      if (living != 0 && living != before) {
        std::fputs("some threads of a block end where others wait for them\n", stderr);
        std::abort();
      }
    }
  }

  void wait()
  {
    waiting_[threadIdx.x] = true;
    swapcontext(&fibers_[threadIdx.x], &home_);
  }

  static inline Block * current;

private:
  static constexpr size_t STACK = 32768;

  void begin(unsigned thread)
  {
    stacks_[thread].resize(STACK);
    getcontext(&fibers_[thread]);
    fibers_[thread].uc_stack.ss_sp = stacks_[thread].data();
    fibers_[thread].uc_stack.ss_size = STACK;
    fibers_[thread].uc_link = &home_;
    makecontext(&fibers_[thread], [] {current->kernel_();}, 0);
  }

  // Runs a thread to its next barrier, or to its end; whether it waits at one.
  bool resume(unsigned thread)
  {
    waiting_[thread] = false;
    threadIdx = {thread, 0, 0};
    swapcontext(&home_, &fibers_[thread]);
    return waiting_[thread];
  }

  std::function<void()> kernel_;
  bool started_ = true;
  std::vector<bool> waiting_;
  std::vector<ucontext_t> fibers_;
  std::vector<std::vector<char>> stacks_;
  ucontext_t home_;
};

inline void __syncthreads()
{
  if (!Block::current) {
    std::fputs("this kernel was said to have no barrier\n", stderr);
    std::abort();
  }
  Block::current->wait();
}

// A kernel that is called as CUDA does it: with the addresses of its arguments.
using Bound = std::function<void(void **)>;

template<typename... Arguments, size_t... Indices>
Bound adapted(void (* kernel)(Arguments...), std::index_sequence<Indices...>)
{
  return [kernel](void ** values) {
           kernel(*static_cast<std::remove_reference_t<Arguments> *>(values[Indices])...);
         };
}

template<typename... Arguments>
Bound adapted(void (* kernel)(Arguments...))
{
  return adapted(kernel, std::index_sequence_for<Arguments...>());
}

struct Kernel
{
  template<typename... Arguments>
  Kernel(void (* kernel)(Arguments...), bool has_barriers = false)
  : call(adapted(kernel)), sizes{sizeof(Arguments)...}, has_barriers(has_barriers) {}

  Bound call;
  std::vector<size_t> sizes;  // of its arguments
  bool has_barriers;
};

inline void run(
  const Kernel & kernel, Place grid, unsigned threads, void ** values, bool backwards)
{
  const unsigned blocks = grid.x * grid.y;
  blockDim = {threads, 1, 1};
  for (unsigned turn = 0; turn < blocks; ++turn) {
    const unsigned number = backwards ? blocks - 1 - turn : turn;
    blockIdx = {number % grid.x, number / grid.x, 0};
    if (kernel.has_barriers) {
      Block block([&] {kernel.call(values);});
      Block::current = &block;
      block.run(threads, backwards);
      Block::current = nullptr;
      continue;
    }
    for (unsigned step = 0; step < threads; ++step) {
      threadIdx = {backwards ? threads - 1 - step : step, 0, 0};
      kernel.call(values);
    }
  }
}

#endif  // CPU_CUDA_HPP_
