// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The kernels as a library of the CPU; cpu_kernels.py calls it.

#include "cpu_cuda.hpp"

#include "kernels.cu"

static const std::map<std::string, Kernel> KERNELS = {
  {"letterbox", {letterbox}},
  {"gather", {gather}},
  {"rank", {rank}},
  {"suppress", {suppress, true}},
  {"pack", {pack}},
  {"grow", {grow, true}},
  {"multiply", {multiply}},
  {"reach", {reach}},
  {"lower", {lower}},
  {"trace", {trace}},
};

extern "C"
{

// How many arguments a kernel takes, and the size of each; -1: there is none of that name.
int arguments(const char * name, size_t * sizes)
{
  const auto found = KERNELS.find(name);
  if (found == KERNELS.end()) {
    return -1;
  }
  std::copy(found->second.sizes.begin(), found->second.sizes.end(), sizes);
  return found->second.sizes.size();
}

void launch(
  const char * name, unsigned grid_x, unsigned grid_y, unsigned threads, void ** values,
  bool backwards)
{
  run(KERNELS.at(name), {grid_x, grid_y, 1}, threads, values, backwards);
}

float widened_half(unsigned short bits) {return widened(bits);}

}  // extern "C"
