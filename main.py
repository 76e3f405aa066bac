"""What Google's runtime looks for when the checkout itself is the function's source: predict_handler.

functions-framework --target predict_handler
"""

from function import predict_handler

__all__ = ["predict_handler"]
