// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// A picture of one's own: dropped, pasted or chosen.

const LONGEST = 1920; // pixels; more than a screen shows is not sent
const QUALITY = 0.92;

/**
 * Call `on.picture(blob)` for each picture that comes, `on.trouble(words)` when it is none.
 * @param {HTMLElement} target lights up while something is dragged over it
 * @param {HTMLInputElement} field
 * @param {{picture: (blob: Blob) => void, trouble: (words: string) => void}} on
 */
export function takePictures(target, field, on) {
  const take = async (files) => {
    const file = [...files].find(({ type }) => type.startsWith('image/')) ?? files[0];
    if (!file) return;
    const small = await shrink(file).catch(() => null);
    if (small) on.picture(small);
    else on.trouble(`${file.name || 'this'} is not a picture that this browser can read`);
  };
  field.addEventListener('change', () => {
    if (field.files) take([...field.files]);
    field.value = ''; // the same one again is a choice, too
  });
  document.addEventListener('paste', (event) => {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length) take(files);
  });
  const carries = (event) => event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragover', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    target.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) target.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    target.classList.remove('dropping');
    if (!carries(event)) return;
    event.preventDefault();
    take([...event.dataTransfer?.files ?? []]);
  });
}

/** Upright as its EXIF says, and no larger than a screen. */
async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const size = [Math.round(bitmap.width * scale), Math.round(bitmap.height * scale)];
  const context = new OffscreenCanvas(size[0], size[1]).getContext('2d');
  if (!context) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, size[0], size[1]);
  bitmap.close();
  return context.canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}
