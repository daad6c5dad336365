"""The shapes, one module for each group; the models of all of them, under unique names.

The order of these imports is the order of the table.
"""

# isort: off
from shapes.rows import path as path
from shapes.rows import query as query
from shapes.rows import query_lists as query_lists
from shapes.rows import query_kinds as query_kinds
from shapes.rows import headers as headers
from shapes.rows import header_values as header_values
from shapes.rows import bodies as bodies
from shapes.rows import body_values as body_values
from shapes.rows import forms as forms
from shapes.rows import files as files
from shapes.rows import fields as fields
from shapes.rows import field_values as field_values
from shapes.rows import field_containers as field_containers
from shapes.rows import field_formats as field_formats
from shapes.rows import models as models
from shapes.rows import model_fields as model_fields
from shapes.rows import model_serializers as model_serializers
from shapes.rows import model_kinds as model_kinds
from shapes.rows import unions as unions
from shapes.rows import union_members as union_members
from shapes.rows import responses as responses
from shapes.rows import response_kinds as response_kinds
from shapes.rows import statuses as statuses
from shapes.rows import errors as errors
from shapes.rows import streams as streams
from shapes.rows import names as names
from shapes.rows import name_clashes as name_clashes
from shapes.rows import security as security
from shapes.rows import documents as documents
from shapes.rows import variants as variants
from shapes.rows import more as more
from shapes.rows import skew_responses as skew_responses
from shapes.rows import skew_calls as skew_calls

# isort: on
from trading_api.models import Problem as Problem
from trading_api.models import ProblemField as ProblemField
