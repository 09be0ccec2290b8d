"""What is checked and found; what was corrected; what is expected and sampled."""

from jalons.collection.quality.models.checks import Check, Finding, Run, Watch
from jalons.collection.quality.models.corrections import Correction, CorrectionFile
from jalons.collection.quality.models.follow_up import Expectation, Reminder, Sample, SampleItem

__all__ = [
    "Check", "Correction", "CorrectionFile", "Expectation", "Finding", "Reminder", "Run", "Sample", "SampleItem",
    "Watch",
]  # fmt: skip
