# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The errors of fastsam_ros, one small family.

    FastSamError
      ImageError, PromptError, ParameterError    what the caller passed (each a ValueError too)
      DepthError                                 depth or calibration that measures nothing
      ModelError                                 a model file is missing, broken or no FastSAM
        UntrustedModelError                      a pickle that nobody vouched for
      OutputError                                a file that cannot be written
      BackendError                               a runtime or device is not there or failed
      TextError                                  text was asked for and cannot be answered
        UnknownWordError                         by a model that knows no such word

Every message says what came, what was expected and what to do.
"""


class FastSamError(Exception):
    """Anything that fastsam_ros reports to its caller."""


class ImageError(FastSamError, ValueError):
    """An image of the wrong shape, type, size or encoding."""


class PromptError(FastSamError, ValueError):
    """A prompt that cannot be understood: its points, labels, box or selection."""


class DepthError(FastSamError, ValueError):
    """Depth, calibration or a transform by which nothing has a place in space."""


class ParameterError(FastSamError, ValueError):
    """A setting out of its range."""


class OutputError(FastSamError):
    """A file that cannot be written: somebody else's is there, or its format cannot hold it."""


class ModelError(FastSamError):
    """A model file that is missing, truncated or not a FastSAM network."""


class UntrustedModelError(ModelError):
    """A pickled checkpoint whose SHA-256 is not that of a published FastSAM model."""


class BackendError(FastSamError):
    """A runtime that is not installed, a device that is not there, or an inference that failed."""


class TextError(FastSamError):
    """A text prompt without a text model, or a text model that cannot be used."""


class UnknownWordError(TextError):
    """A text prompt with a word that the model does not know, without a text model."""


class WordsError(FastSamError):
    """A file of taught words that is damaged, somebody else's, or cannot be written."""


NO_WORDS = 'none'  # as text model: the names that a network knows are not used either

HOW_TO_GET_A_TEXT_MODEL = """\
no text model is loaded. These three commands bring one:
  pip install open_clip_torch onnx tokenizers
  fastsam models get ViT-B-32
  fastsam export --text-model ViT-B-32 --to openvino --output text-model
Then name the folder: --text-model text-model, or the node's parameter text_model. The folder needs
no torch and can be copied to a robot; `fastsam models list` shows smaller and faster models."""
