// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// An image into the network's input, sampled to the last bit as cv2.resize does with INTER_LINEAR.

// Where one pixel of a resized axis comes from.
struct Tap
{
  int first, second;            // pixels of the image
  int weight, other;            // theirs, in shares of 2048
};

// The value between four of the image. OpenCV drops bits on the way, so this does.
__device__ inline int between(
  const unsigned char * above, const unsigned char * below, const Tap & row, const Tap & column,
  int step)
{
  const int first = column.first * step, second = column.second * step;
  const int upper = above[first] * column.weight + above[second] * column.other;
  const int lower = below[first] * column.weight + below[second] * column.other;
  return (((row.weight * (upper >> 4)) >> 16) + ((row.other * (lower >> 4)) >> 16) + 2) >> 2;
}

// A thread a pixel of the input, `out`, (input_height, input_width, 3) RGB; what is around the
// `height` by `width` pixels of the image, which begin at `left` and `top`, is grey.
//
// `image` has `channels` bytes a pixel, one or three, which are BGR where `bgr` points to no 0.
extern "C" __global__ void letterbox(
  const unsigned char * image, int image_width, int channels, const int * bgr, const Tap * rows,
  const Tap * columns, int top, int left, int height, int width, int input_height,
  int input_width, int grey, unsigned char * out)
{
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y;
  if (x >= input_width || y >= input_height) {
    return;
  }
  out += 3 * (static_cast<long long>(y) * input_width + x);
  const bool inside = y >= top && y < top + height && x >= left && x < left + width;
  for (int channel = 0; channel < 3; ++channel) {
    if (!inside) {
      out[channel] = grey;
      continue;
    }
    const Tap row = rows[y - top], column = columns[x - left];
    const long long line = static_cast<long long>(image_width) * channels;
    const int place = channels == 1 ? 0 : *bgr ? 2 - channel : channel;
    out[channel] = between(
      image + row.first * line + place, image + row.second * line + place, row, column, channels);
  }
}
