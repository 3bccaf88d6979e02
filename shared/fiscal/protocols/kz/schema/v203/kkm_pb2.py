# Generated from kkm.proto by `make proto`: do not edit.
# Protobuf Python Version: 7.35.1
"""Generated protocol buffer code."""
from google.protobuf import descriptor as _descriptor
from google.protobuf import descriptor_pool as _descriptor_pool
from google.protobuf import runtime_version as _runtime_version
from google.protobuf import symbol_database as _symbol_database
from google.protobuf.internal import builder as _builder
_runtime_version.ValidateProtobufRuntimeVersion(
    _runtime_version.Domain.PUBLIC,
    7,
    35,
    1,
    '',
    'fiscal/protocols/kz/schema/v203/kkm.proto'
)
# @@protoc_insertion_point(imports)

_sym_db = _symbol_database.Default()




DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile(b'\n)fiscal/protocols/kz/schema/v203/kkm.proto\x12\x1bkz.kazakhtelecom.proto.v203\"\x90\x04\n\x07Request\x12=\n\x07\x63ommand\x18\x01 \x02(\x0e\x32,.kz.kazakhtelecom.proto.v203.CommandTypeEnum\x12:\n\x06ticket\x18\x02 \x01(\x0b\x32*.kz.kazakhtelecom.proto.v203.TicketRequest\x12\x43\n\x0b\x63lose_shift\x18\x03 \x01(\x0b\x32..kz.kazakhtelecom.proto.v203.CloseShiftRequest\x12:\n\x06report\x18\x04 \x01(\x0b\x32*.kz.kazakhtelecom.proto.v203.ReportRequest\x12\x46\n\x0cnomenclature\x18\x05 \x01(\x0b\x32\x30.kz.kazakhtelecom.proto.v203.NomenclatureRequest\x12<\n\x07service\x18\x06 \x01(\x0b\x32+.kz.kazakhtelecom.proto.v203.ServiceRequest\x12K\n\x0fmoney_placement\x18\x07 \x01(\x0b\x32\x32.kz.kazakhtelecom.proto.v203.MoneyPlacementRequest\x12\x36\n\x04\x61uth\x18\x08 \x01(\x0b\x32(.kz.kazakhtelecom.proto.v203.AuthRequest\"\xb9\x03\n\x08Response\x12=\n\x07\x63ommand\x18\x01 \x02(\x0e\x32,.kz.kazakhtelecom.proto.v203.CommandTypeEnum\x12\x33\n\x06result\x18\x02 \x02(\x0b\x32#.kz.kazakhtelecom.proto.v203.Result\x12;\n\x06ticket\x18\x03 \x01(\x0b\x32+.kz.kazakhtelecom.proto.v203.TicketResponse\x12;\n\x06report\x18\x04 \x01(\x0b\x32+.kz.kazakhtelecom.proto.v203.ReportResponse\x12G\n\x0cnomenclature\x18\x05 \x01(\x0b\x32\x31.kz.kazakhtelecom.proto.v203.NomenclatureResponse\x12=\n\x07service\x18\x06 \x01(\x0b\x32,.kz.kazakhtelecom.proto.v203.ServiceResponse\x12\x37\n\x04\x61uth\x18\x07 \x01(\x0b\x32).kz.kazakhtelecom.proto.v203.AuthResponse\"2\n\x06Result\x12\x13\n\x0bresult_code\x18\x01 \x02(\r\x12\x13\n\x0bresult_text\x18\x02 \x01(\t\"0\n\x04\x44\x61te\x12\x0c\n\x04year\x18\x01 \x02(\r\x12\r\n\x05month\x18\x02 \x02(\r\x12\x0b\n\x03\x64\x61y\x18\x03 \x02(\r\"4\n\x04Time\x12\x0c\n\x04hour\x18\x01 \x02(\r\x12\x0e\n\x06minute\x18\x02 \x02(\r\x12\x0e\n\x06second\x18\x03 \x01(\r\"l\n\x08\x44\x61teTime\x12/\n\x04\x64\x61te\x18\x01 \x02(\x0b\x32!.kz.kazakhtelecom.proto.v203.Date\x12/\n\x04time\x18\x02 \x02(\x0b\x32!.kz.kazakhtelecom.proto.v203.Time\"%\n\x05Money\x12\r\n\x05\x62ills\x18\x01 \x02(\x04\x12\r\n\x05\x63oins\x18\x02 \x02(\r\"&\n\x08Operator\x12\x0c\n\x04\x63ode\x18\x01 \x02(\r\x12\x0c\n\x04name\x18\x02 \x01(\t\"*\n\x0cKeyValuePair\x12\x0b\n\x03key\x18\x01 \x02(\t\x12\r\n\x05value\x18\x02 \x01(\t\"\\\n\x0cTicketAdInfo\x12;\n\x04type\x18\x01 \x02(\x0e\x32-.kz.kazakhtelecom.proto.v203.TicketAdTypeEnum\x12\x0f\n\x07version\x18\x02 \x02(\x04\"Q\n\x08TicketAd\x12\x37\n\x04info\x18\x01 \x02(\x0b\x32).kz.kazakhtelecom.proto.v203.TicketAdInfo\x12\x0c\n\x04text\x18\x02 \x02(\t\"\xb1&\n\rTicketRequest\x12\x41\n\toperation\x18\x01 \x02(\x0e\x32..kz.kazakhtelecom.proto.v203.OperationTypeEnum\x12\x38\n\tdate_time\x18\x02 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x37\n\x08operator\x18\x03 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.Operator\x12\x41\n\x06\x64omain\x18\x04 \x01(\x0b\x32\x31.kz.kazakhtelecom.proto.v203.TicketRequest.Domain\x12>\n\x05items\x18\x05 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.TicketRequest.Item\x12\x44\n\x08payments\x18\x06 \x03(\x0b\x32\x32.kz.kazakhtelecom.proto.v203.TicketRequest.Payment\x12=\n\x05taxes\x18\x07 \x03(\x0b\x32..kz.kazakhtelecom.proto.v203.TicketRequest.Tax\x12\x43\n\x07\x61mounts\x18\x08 \x02(\x0b\x32\x32.kz.kazakhtelecom.proto.v203.TicketRequest.Amounts\x12V\n\x11\x65xtension_options\x18\t \x01(\x0b\x32;.kz.kazakhtelecom.proto.v203.TicketRequest.ExtensionOptions\x12\x1d\n\x15offline_ticket_number\x18\n \x01(\r\x12#\n\x1bprinted_document_number_old\x18\x0b \x01(\t\x12\x16\n\x0eprinted_ticket\x18\x0c \x01(\t\x12?\n\x08\x61\x64_infos\x18\r \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.TicketAdInfoB\x02\x18\x01\x12\x17\n\x0f\x66r_shift_number\x18\x0e \x01(\r\x12\x1d\n\x15shift_document_number\x18\x0f \x01(\r\x12#\n\x17printed_document_number\x18\x10 \x01(\x04\x42\x02\x18\x01\x12N\n\rparent_ticket\x18\x11 \x01(\x0b\x32\x37.kz.kazakhtelecom.proto.v203.TicketRequest.ParentTicket\x1a\x89\x01\n\x03Tax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x15\n\rtaxation_type\x18\x02 \x01(\r\x12\x0f\n\x07percent\x18\x03 \x02(\r\x12/\n\x03sum\x18\x04 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x17\n\x0fis_in_total_sum\x18\x05 \x02(\x08\x1a\xc6\x01\n\x08Modifier\x12\x0c\n\x04name\x18\x01 \x01(\t\x12/\n\x03sum\x18\x02 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12=\n\x05taxes\x18\x03 \x03(\x0b\x32..kz.kazakhtelecom.proto.v203.TicketRequest.Tax\x12<\n\tauxiliary\x18\x04 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x1a\xe9\x0c\n\x04Item\x12J\n\x04type\x18\x01 \x02(\x0e\x32<.kz.kazakhtelecom.proto.v203.TicketRequest.Item.ItemTypeEnum\x12L\n\tcommodity\x18\x02 \x01(\x0b\x32\x39.kz.kazakhtelecom.proto.v203.TicketRequest.Item.Commodity\x12Y\n\x10storno_commodity\x18\x03 \x01(\x0b\x32?.kz.kazakhtelecom.proto.v203.TicketRequest.Item.StornoCommodity\x12\x43\n\x06markup\x18\x04 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x12J\n\rstorno_markup\x18\x05 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x12\x45\n\x08\x64iscount\x18\x06 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x12L\n\x0fstorno_discount\x18\x07 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x1a\xcb\x03\n\tCommodity\x12\x0c\n\x04\x63ode\x18\x01 \x01(\x04\x12\x0c\n\x04name\x18\x02 \x01(\t\x12\x14\n\x0csection_code\x18\x03 \x02(\t\x12\x10\n\x08quantity\x18\x04 \x02(\x04\x12\x31\n\x05price\x18\x05 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12/\n\x03sum\x18\x06 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12=\n\x05taxes\x18\x07 \x03(\x0b\x32..kz.kazakhtelecom.proto.v203.TicketRequest.Tax\x12\x18\n\x0c\x65xcise_stamp\x18\x08 \x01(\tB\x02\x18\x01\x12<\n\tauxiliary\x18\t \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x12\x16\n\x0ephysical_label\x18\n \x01(\t\x12\x12\n\nproduct_id\x18\x0b \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x0c \x01(\t\x12\x19\n\x11measure_unit_code\x18\r \x01(\t\x12\x19\n\x11list_excise_stamp\x18\x0e \x03(\t\x12\x0c\n\x04ntin\x18\x0f \x01(\t\x1a\xc3\x03\n\x0fStornoCommodity\x12\x0c\n\x04name\x18\x01 \x01(\t\x12\x14\n\x0csection_code\x18\x02 \x02(\t\x12\x10\n\x08quantity\x18\x03 \x02(\x04\x12\x31\n\x05price\x18\x04 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12/\n\x03sum\x18\x05 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12=\n\x05taxes\x18\x06 \x03(\x0b\x32..kz.kazakhtelecom.proto.v203.TicketRequest.Tax\x12\x18\n\x0c\x65xcise_stamp\x18\x07 \x01(\tB\x02\x18\x01\x12<\n\tauxiliary\x18\x08 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x12\x16\n\x0ephysical_label\x18\t \x01(\t\x12\x12\n\nproduct_id\x18\n \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x0b \x01(\t\x12\x19\n\x11measure_unit_code\x18\x0c \x01(\t\x12\x19\n\x11list_excise_stamp\x18\r \x03(\t\x12\x0c\n\x04ntin\x18\x0e \x01(\t\"\xb1\x01\n\x0cItemTypeEnum\x12\x17\n\x13ITEM_TYPE_COMMODITY\x10\x01\x12\x1e\n\x1aITEM_TYPE_STORNO_COMMODITY\x10\x02\x12\x14\n\x10ITEM_TYPE_MARKUP\x10\x03\x12\x1b\n\x17ITEM_TYPE_STORNO_MARKUP\x10\x04\x12\x16\n\x12ITEM_TYPE_DISCOUNT\x10\x05\x12\x1d\n\x19ITEM_TYPE_STORNO_DISCOUNT\x10\x06\x1a\xed\x05\n\x06\x44omain\x12\x39\n\x04type\x18\x01 \x01(\x0e\x32+.kz.kazakhtelecom.proto.v203.DomainTypeEnum\x12L\n\x08services\x18\x02 \x01(\x0b\x32:.kz.kazakhtelecom.proto.v203.TicketRequest.Domain.Services\x12H\n\x06gasoil\x18\x03 \x01(\x0b\x32\x38.kz.kazakhtelecom.proto.v203.TicketRequest.Domain.GasOil\x12\x44\n\x04taxi\x18\x04 \x01(\x0b\x32\x36.kz.kazakhtelecom.proto.v203.TicketRequest.Domain.Taxi\x12J\n\x07parking\x18\x05 \x01(\x0b\x32\x39.kz.kazakhtelecom.proto.v203.TicketRequest.Domain.Parking\x1a\"\n\x08Services\x12\x16\n\x0e\x61\x63\x63ount_number\x18\x01 \x02(\t\x1at\n\x06GasOil\x12\x19\n\x11\x63orrection_number\x18\x01 \x01(\t\x12:\n\x0e\x63orrection_sum\x18\x02 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x13\n\x0b\x63\x61rd_number\x18\x03 \x01(\t\x1a\x65\n\x04Taxi\x12\x12\n\ncar_number\x18\x01 \x02(\t\x12\x10\n\x08is_order\x18\x02 \x02(\x08\x12\x37\n\x0b\x63urrent_fee\x18\x03 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x1a}\n\x07Parking\x12\x39\n\nbegin_time\x18\x01 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x37\n\x08\x65nd_time\x18\x02 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x1a\x9d\x01\n\x10\x45xtensionOptions\x12\x16\n\x0e\x63ustomer_email\x18\x01 \x01(\t\x12\x16\n\x0e\x63ustomer_phone\x18\x02 \x01(\t\x12<\n\tauxiliary\x18\x03 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x12\x1b\n\x13\x63ustomer_iin_or_bin\x18\x04 \x01(\t\x1a\x89\x04\n\x07Payment\x12:\n\x04type\x18\x01 \x02(\x0e\x32,.kz.kazakhtelecom.proto.v203.PaymentTypeEnum\x12/\n\x03sum\x18\x02 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x61\n\x13\x63\x61rd_payment_fields\x18\x03 \x01(\x0b\x32\x44.kz.kazakhtelecom.proto.v203.TicketRequest.Payment.CardPaymentFields\x12\x65\n\x15mobile_payment_fields\x18\x04 \x01(\x0b\x32\x46.kz.kazakhtelecom.proto.v203.TicketRequest.Payment.MobilePaymentFields\x1a\x8f\x01\n\x11\x43\x61rdPaymentFields\x12\x17\n\x0fpos_terminal_id\x18\x01 \x01(\t\x12\x15\n\rpos_card_type\x18\x02 \x01(\t\x12\x1d\n\x15pos_autorization_code\x18\x03 \x01(\r\x12\x0f\n\x07pos_rrn\x18\x04 \x01(\x04\x12\x1a\n\x12pos_receipt_number\x18\x05 \x01(\r\x1a\x35\n\x13MobilePaymentFields\x12\x0f\n\x07qr_type\x18\x01 \x01(\t\x12\r\n\x05qr_id\x18\x02 \x01(\t\x1a\xaf\x02\n\x07\x41mounts\x12\x31\n\x05total\x18\x01 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x31\n\x05taken\x18\x02 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x32\n\x06\x63hange\x18\x03 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x43\n\x06markup\x18\x04 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x12\x45\n\x08\x64iscount\x18\x05 \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.TicketRequest.Modifier\x1a\xeb\x01\n\x0cParentTicket\x12\x1c\n\x14parent_ticket_number\x18\x01 \x02(\t\x12\x46\n\x17parent_ticket_data_time\x18\x02 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x12\n\nkgd_kkm_id\x18\x03 \x02(\t\x12?\n\x13parent_ticket_total\x18\x04 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12 \n\x18parent_ticket_is_offline\x18\x05 \x02(\x08\"8\n\x0eTicketResponse\x12\x15\n\rticket_number\x18\x01 \x02(\t\x12\x0f\n\x07qr_code\x18\x02 \x01(\x0c\"\xa6\x02\n\x11\x43loseShiftRequest\x12\x39\n\nclose_time\x18\x01 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x12\n\nis_offline\x18\x02 \x01(\x08\x12\x17\n\x0f\x66r_shift_number\x18\x03 \x01(\r\x12\x16\n\x0ewithdraw_money\x18\x04 \x01(\x08\x12\x37\n\x08z_report\x18\x05 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.ZXReport\x12\x37\n\x08operator\x18\x06 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.Operator\x12\x1f\n\x17printed_document_number\x18\x07 \x01(\x04\"\xcc\x02\n\x15MoneyPlacementRequest\x12\x37\n\x08\x64\x61tetime\x18\x01 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x42\n\toperation\x18\x02 \x02(\x0e\x32/.kz.kazakhtelecom.proto.v203.MoneyPlacementEnum\x12/\n\x03sum\x18\x03 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x12\n\nis_offline\x18\x04 \x01(\x08\x12\x17\n\x0f\x66r_shift_number\x18\x05 \x01(\r\x12\x1f\n\x17printed_document_number\x18\x06 \x01(\x04\x12\x37\n\x08operator\x18\x07 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.Operator\"\xc5\x17\n\x08ZXReport\x12\x38\n\tdate_time\x18\x01 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x14\n\x0cshift_number\x18\x02 \x02(\r\x12?\n\x08sections\x18\x03 \x03(\x0b\x32-.kz.kazakhtelecom.proto.v203.ZXReport.Section\x12\x43\n\noperations\x18\x04 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x12\x42\n\tdiscounts\x18\x05 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x12@\n\x07markups\x18\x06 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x12\x45\n\x0ctotal_result\x18\x07 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x12\x38\n\x05taxes\x18\x08 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.ZXReport.Tax\x12[\n\x1dstart_shift_non_nullable_sums\x18\t \x03(\x0b\x32\x34.kz.kazakhtelecom.proto.v203.ZXReport.NonNullableSum\x12P\n\x11ticket_operations\x18\n \x03(\x0b\x32\x35.kz.kazakhtelecom.proto.v203.ZXReport.TicketOperation\x12N\n\x10money_placements\x18\x0b \x03(\x0b\x32\x34.kz.kazakhtelecom.proto.v203.ZXReport.MoneyPlacement\x12S\n\x10\x61nnulled_tickets\x18\x0c \x01(\x0b\x32\x35.kz.kazakhtelecom.proto.v203.ZXReport.AnnulledTicketsB\x02\x18\x01\x12\x34\n\x08\x63\x61sh_sum\x18\r \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12>\n\x07revenue\x18\x0e \x02(\x0b\x32-.kz.kazakhtelecom.proto.v203.ZXReport.Revenue\x12O\n\x11non_nullable_sums\x18\x0f \x03(\x0b\x32\x34.kz.kazakhtelecom.proto.v203.ZXReport.NonNullableSum\x12>\n\x0fopen_shift_time\x18\x10 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12?\n\x10\x63lose_shift_time\x18\x11 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x10\n\x08\x63hecksum\x18\x12 \x01(\t\x1a\x8e\x01\n\tOperation\x12\x41\n\toperation\x18\x01 \x02(\x0e\x32..kz.kazakhtelecom.proto.v203.OperationTypeEnum\x12\r\n\x05\x63ount\x18\x02 \x02(\r\x12/\n\x03sum\x18\x03 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x1a\x64\n\x07Section\x12\x14\n\x0csection_code\x18\x01 \x02(\t\x12\x43\n\noperations\x18\x02 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x1a\xf1\x02\n\x03Tax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x0f\n\x07percent\x18\x02 \x02(\r\x12J\n\noperations\x18\x03 \x03(\x0b\x32\x36.kz.kazakhtelecom.proto.v203.ZXReport.Tax.TaxOperation\x1a\xfa\x01\n\x0cTaxOperation\x12\x41\n\toperation\x18\x01 \x02(\x0e\x32..kz.kazakhtelecom.proto.v203.OperationTypeEnum\x12\x34\n\x08turnover\x18\x02 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12/\n\x03sum\x18\x03 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12@\n\x14turnover_without_tax\x18\x04 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x1a\x84\x01\n\x0eNonNullableSum\x12\x41\n\toperation\x18\x01 \x02(\x0e\x32..kz.kazakhtelecom.proto.v203.OperationTypeEnum\x12/\n\x03sum\x18\x02 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x1a\xde\x04\n\x0fTicketOperation\x12\x41\n\toperation\x18\x01 \x02(\x0e\x32..kz.kazakhtelecom.proto.v203.OperationTypeEnum\x12\x1b\n\x13tickets_total_count\x18\x02 \x02(\r\x12\x15\n\rtickets_count\x18\x03 \x02(\r\x12\x37\n\x0btickets_sum\x18\x04 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12O\n\x08payments\x18\x05 \x03(\x0b\x32=.kz.kazakhtelecom.proto.v203.ZXReport.TicketOperation.Payment\x12\x15\n\roffline_count\x18\x06 \x01(\r\x12\x38\n\x0c\x64iscount_sum\x18\x07 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x36\n\nmarkup_sum\x18\x08 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x36\n\nchange_sum\x18\t \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x1a\x88\x01\n\x07Payment\x12=\n\x07payment\x18\x01 \x02(\x0e\x32,.kz.kazakhtelecom.proto.v203.PaymentTypeEnum\x12/\n\x03sum\x18\x02 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\r\n\x05\x63ount\x18\x03 \x01(\r\x1a\xe1\x01\n\x0eMoneyPlacement\x12\x42\n\toperation\x18\x01 \x02(\x0e\x32/.kz.kazakhtelecom.proto.v203.MoneyPlacementEnum\x12\x1e\n\x16operations_total_count\x18\x02 \x02(\r\x12\x18\n\x10operations_count\x18\x03 \x02(\r\x12:\n\x0eoperations_sum\x18\x04 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x15\n\roffline_count\x18\x05 \x01(\r\x1a\xa5\x01\n\x0f\x41nnulledTickets\x12$\n\x1c\x61nnulled_tickets_total_count\x18\x01 \x02(\r\x12\x1e\n\x16\x61nnulled_tickets_count\x18\x02 \x02(\r\x12L\n\x13\x61nnulled_operations\x18\x03 \x03(\x0b\x32/.kz.kazakhtelecom.proto.v203.ZXReport.Operation\x1aO\n\x07Revenue\x12/\n\x03sum\x18\x01 \x02(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x13\n\x0bis_negative\x18\x02 \x02(\x08\"\xd4\x01\n\rReportRequest\x12;\n\x06report\x18\x01 \x02(\x0e\x32+.kz.kazakhtelecom.proto.v203.ReportTypeEnum\x12\x38\n\tdate_time\x18\x02 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x12\n\nis_offline\x18\x03 \x01(\x08\x12\x38\n\tzx_report\x18\x04 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.ZXReport\"\x87\x01\n\x0eReportResponse\x12;\n\x06report\x18\x01 \x02(\x0e\x32+.kz.kazakhtelecom.proto.v203.ReportTypeEnum\x12\x38\n\tzx_report\x18\x02 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.ZXReport\"?\n\x13NomenclatureRequest\x12\x17\n\x0f\x63urrent_version\x18\x01 \x01(\r\x12\x0f\n\x07\x62\x61rcode\x18\x02 \x01(\t\"\xd3\x0b\n\x14NomenclatureResponse\x12\x0f\n\x07version\x18\x01 \x02(\r\x12;\n\x0c\x63reated_time\x18\x02 \x01(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12K\n\x08\x65lements\x18\x03 \x03(\x0b\x32\x39.kz.kazakhtelecom.proto.v203.NomenclatureResponse.Element\x12\\\n\x06result\x18\x04 \x02(\x0e\x32L.kz.kazakhtelecom.proto.v203.NomenclatureResponse.NomenclatureResultTypeEnum\x1a\x9c\x01\n\x03Tax\x12\x44\n\rtaxation_type\x18\x01 \x02(\x0e\x32-.kz.kazakhtelecom.proto.v203.TaxationTypeEnum\x12:\n\x08tax_type\x18\x02 \x02(\x0e\x32(.kz.kazakhtelecom.proto.v203.TaxTypeEnum\x12\x13\n\x0btax_percent\x18\x03 \x02(\r\x1a\xb7\x04\n\x04Item\x12\x0f\n\x07\x61rticle\x18\x01 \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x02 \x01(\t\x12\x13\n\x0b\x64\x65scription\x18\x03 \x01(\t\x12:\n\x0epurchase_price\x18\x06 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x36\n\nsell_price\x18\x07 \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x18\n\x10\x64iscount_percent\x18\x08 \x01(\r\x12\x38\n\x0c\x64iscount_sum\x18\t \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x16\n\x0emarkup_percent\x18\n \x01(\r\x12\x36\n\nmarkup_sum\x18\x0b \x01(\x0b\x32\".kz.kazakhtelecom.proto.v203.Money\x12\x44\n\x05taxes\x18\x0c \x03(\x0b\x32\x35.kz.kazakhtelecom.proto.v203.NomenclatureResponse.Tax\x12\x15\n\rmeasure_count\x18\r \x01(\r\x12\x15\n\rmeasure_title\x18\x0e \x01(\t\x12\x1a\n\x12measure_fractional\x18\x0f \x01(\x08\x12\x19\n\x11measure_unit_code\x18\x10 \x01(\t\x12\x0c\n\x04ntin\x18\x11 \x01(\t\x12\x14\n\x0cis_markedeac\x18\x12 \x01(\x08\x12\x11\n\tis_social\x18\x13 \x01(\x08\x1a\xe6\x01\n\x07\x45lement\x12O\n\x04type\x18\x01 \x02(\x0e\x32\x41.kz.kazakhtelecom.proto.v203.NomenclatureResponse.ElementTypeEnum\x12\r\n\x05title\x18\x03 \x02(\t\x12\x17\n\x0fparent_group_id\x18\x04 \x01(\x04\x12\n\n\x02id\x18\x05 \x02(\x04\x12\x44\n\x04item\x18\x06 \x01(\x0b\x32\x36.kz.kazakhtelecom.proto.v203.NomenclatureResponse.Item\x12\x10\n\x08title_kk\x18\x07 \x01(\t\"@\n\x0f\x45lementTypeEnum\x12\x16\n\x12\x45LEMENT_TYPE_GROUP\x10\x00\x12\x15\n\x11\x45LEMENT_TYPE_ITEM\x10\x01\"\xbd\x01\n\x1aNomenclatureResultTypeEnum\x12\x1a\n\x16NOMENCLATURE_RESULT_OK\x10\x00\x12)\n%NOMENCLATURE_RESULT_VERSION_IS_ACTUAL\x10\x01\x12\"\n\x1eNOMENCLATURE_RESULT_NO_VERSION\x10\x02\x12\x34\n0NOMENCLATURE_RESULT_ELEMENT_NOT_FOUND_BY_BARCODE\x10\x03\"-\n\x1aNomenclatureBarcodeRequest\x12\x0f\n\x07\x62\x61rcode\x18\x01 \x02(\t\"n\n\x1bNomenclatureBarcodeResponse\x12\n\n\x02id\x18\x01 \x02(\x04\x12\x0f\n\x07\x62\x61rcode\x18\x02 \x02(\t\x12\x10\n\x08ntin_cod\x18\x03 \x02(\t\x12\x0f\n\x07name_ru\x18\x04 \x02(\t\x12\x0f\n\x07name_kk\x18\x05 \x02(\t\"\xba\x0e\n\x0eServiceRequest\x12M\n\x0c\x63omm_quality\x18\x01 \x01(\x0b\x32\x37.kz.kazakhtelecom.proto.v203.ServiceRequest.CommQuality\x12Q\n\x0esecurity_stats\x18\x03 \x01(\x0b\x32\x39.kz.kazakhtelecom.proto.v203.ServiceRequest.SecurityStats\x12Q\n\x0eoffline_period\x18\x04 \x01(\x0b\x32\x39.kz.kazakhtelecom.proto.v203.ServiceRequest.OfflinePeriod\x12\x1c\n\x14nomenclature_version\x18\x05 \x01(\r\x12\x42\n\x0fticket_ad_infos\x18\x06 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.TicketAdInfo\x12\x14\n\x0cget_reg_info\x18\x07 \x01(\x08\x12\x1b\n\x13get_binded_taxation\x18\x08 \x01(\x08\x12\x12\n\x06marker\x18\t \x01(\x04\x42\x02\x18\x01\x12 \n\x18software_information_old\x18\n \x01(\x0c\x12]\n\x14software_information\x18\x0b \x01(\x0b\x32?.kz.kazakhtelecom.proto.v203.ServiceRequest.SoftwareInformation\x12\x45\n\x08reg_info\x18\x0c \x01(\x0b\x32\x33.kz.kazakhtelecom.proto.v203.ServiceRequest.RegInfo\x12<\n\tauxiliary\x18< \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x1aM\n\x0b\x43ommQuality\x12\x18\n\x10\x61vg_connect_time\x18\x01 \x02(\r\x12\x10\n\x08\x61vg_ping\x18\x02 \x01(\r\x12\x12\n\nloss_ratio\x18\x03 \x01(\r\x1a\xc4\x01\n\rSecurityStats\x12[\n\x0cgeo_position\x18\x01 \x01(\x0b\x32\x45.kz.kazakhtelecom.proto.v203.ServiceRequest.SecurityStats.GeoPosition\x12\x12\n\nos_version\x18\x02 \x01(\t\x1a\x42\n\x0bGeoPosition\x12\x10\n\x08latitude\x18\x01 \x02(\x05\x12\x11\n\tlongitude\x18\x02 \x02(\x05\x12\x0e\n\x06source\x18\x03 \x01(\t\x1a\x83\x01\n\rOfflinePeriod\x12\x39\n\nbegin_time\x18\x01 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x12\x37\n\x08\x65nd_time\x18\x02 \x02(\x0b\x32%.kz.kazakhtelecom.proto.v203.DateTime\x1au\n\x07RegInfo\x12\x34\n\x03kkm\x18\x01 \x01(\x0b\x32\'.kz.kazakhtelecom.proto.v203.KkmRegInfo\x12\x34\n\x03org\x18\x02 \x01(\x0b\x32\'.kz.kazakhtelecom.proto.v203.OrgRegInfo\x1a\xf0\x04\n\x13SoftwareInformation\x12g\n\x0cmodule_infos\x18\x01 \x03(\x0b\x32Q.kz.kazakhtelecom.proto.v203.ServiceRequest.SoftwareInformation.ModuleInformation\x12\x15\n\rhardware_arch\x18\x02 \x01(\t\x12\x11\n\tos_family\x18\x03 \x01(\t\x12\x12\n\nos_version\x18\x04 \x01(\t\x12\x18\n\x10os_extended_info\x18\x05 \x01(\t\x12\x17\n\x0fruntime_version\x18\x06 \x01(\t\x12\x12\n\npartner_id\x18\x07 \x01(\r\x1a\xea\x02\n\x11ModuleInformation\x12\x0c\n\x04name\x18\x01 \x02(\t\x12\x0f\n\x07version\x18\x02 \x02(\t\x12\x12\n\nbuild_info\x18\x03 \x01(\t\x12x\n\x0b\x64\x65vice_info\x18\x04 \x01(\x0b\x32\x63.kz.kazakhtelecom.proto.v203.ServiceRequest.SoftwareInformation.ModuleInformation.DeviceInformation\x12@\n\rextended_info\x18\x05 \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x12\x12\n\nbuild_arch\x18\x06 \x01(\t\x1aR\n\x11\x44\x65viceInformation\x12\x14\n\x0cmanufacturer\x18\x01 \x01(\t\x12\r\n\x05model\x18\x02 \x01(\t\x12\x18\n\x10\x66irmware_version\x18\x03 \x01(\t\"\xef\x04\n\x0fServiceResponse\x12\x39\n\nticket_ads\x18\x01 \x03(\x0b\x32%.kz.kazakhtelecom.proto.v203.TicketAd\x12\x46\n\x08reg_info\x18\x02 \x01(\x0b\x32\x34.kz.kazakhtelecom.proto.v203.ServiceResponse.RegInfo\x12\x44\n\x0f\x62inded_taxation\x18\x03 \x01(\x0b\x32+.kz.kazakhtelecom.proto.v203.BindedTaxation\x12Y\n\x12last_document_info\x18\x04 \x01(\x0b\x32=.kz.kazakhtelecom.proto.v203.ServiceResponse.LastDocumentInfo\x12<\n\tauxiliary\x18\x1e \x03(\x0b\x32).kz.kazakhtelecom.proto.v203.KeyValuePair\x1a\xab\x01\n\x07RegInfo\x12\x34\n\x03kkm\x18\x01 \x01(\x0b\x32\'.kz.kazakhtelecom.proto.v203.KkmRegInfo\x12\x34\n\x03pos\x18\x02 \x01(\x0b\x32\'.kz.kazakhtelecom.proto.v203.PosRegInfo\x12\x34\n\x03org\x18\x03 \x01(\x0b\x32\'.kz.kazakhtelecom.proto.v203.OrgRegInfo\x1aL\n\x10LastDocumentInfo\x12\x17\n\x0f\x66r_shift_number\x18\x01 \x02(\r\x12\x1f\n\x17printed_document_number\x18\x02 \x01(\x04\"\x81\x01\n\nKkmRegInfo\x12\x1f\n\x17point_of_payment_number\x18\x01 \x01(\t\x12\x17\n\x0fterminal_number\x18\x02 \x01(\t\x12\x12\n\nfns_kkm_id\x18\x03 \x01(\t\x12\x15\n\rserial_number\x18\x04 \x01(\t\x12\x0e\n\x06kkm_id\x18\x05 \x01(\t\"e\n\nPosRegInfo\x12\r\n\x05title\x18\x01 \x01(\t\x12\x0f\n\x07\x61\x64\x64ress\x18\x02 \x01(\t\x12\x12\n\naddress_kz\x18\x03 \x01(\t\x12\x10\n\x08latitude\x18\x04 \x01(\r\x12\x11\n\tlongitude\x18\x05 \x01(\r\"\x85\x01\n\nOrgRegInfo\x12\r\n\x05title\x18\x01 \x01(\t\x12\x0f\n\x07\x61\x64\x64ress\x18\x02 \x01(\t\x12\x0b\n\x03inn\x18\x03 \x01(\t\x12\x15\n\rtaxation_type\x18\x04 \x01(\r\x12\r\n\x05okved\x18\x05 \x01(\t\x12\x12\n\naddress_kz\x18\x06 \x01(\t\x12\x10\n\x08tenantId\x18\x07 \x01(\x05\"\x9d\x01\n\x0e\x42indedTaxation\x12\x15\n\rtaxation_type\x18\x01 \x02(\r\x12\x44\n\x05taxes\x18\x02 \x03(\x0b\x32\x35.kz.kazakhtelecom.proto.v203.BindedTaxation.BindedTax\x1a.\n\tBindedTax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x0f\n\x07percent\x18\x02 \x02(\r\".\n\x0b\x41uthRequest\x12\r\n\x05login\x18\x01 \x02(\t\x12\x10\n\x08password\x18\x02 \x02(\t\"\x84\x02\n\x0c\x41uthResponse\x12H\n\x06result\x18\x01 \x02(\x0e\x32\x38.kz.kazakhtelecom.proto.v203.AuthResponse.ResultTypeEnum\x12\x15\n\roperator_code\x18\x02 \x01(\r\x12\x15\n\roperator_name\x18\x03 \x01(\t\x12\x38\n\x05roles\x18\x04 \x03(\x0e\x32).kz.kazakhtelecom.proto.v203.UserRoleEnum\"B\n\x0eResultTypeEnum\x12\r\n\tRESULT_OK\x10\x00\x12!\n\x1dRESULT_INVALID_LOGIN_PASSWORD\x10\x01*\xf2\x01\n\x0f\x43ommandTypeEnum\x12\x12\n\x0e\x43OMMAND_SYSTEM\x10\x00\x12\x12\n\x0e\x43OMMAND_TICKET\x10\x01\x12\x17\n\x13\x43OMMAND_CLOSE_SHIFT\x10\x02\x12\x12\n\x0e\x43OMMAND_REPORT\x10\x03\x12\x18\n\x14\x43OMMAND_NOMENCLATURE\x10\x04\x12\x10\n\x0c\x43OMMAND_INFO\x10\x05\x12\x1b\n\x17\x43OMMAND_MONEY_PLACEMENT\x10\x06\x12\x19\n\x15\x43OMMAND_CANCEL_TICKET\x10\x07\x12\x10\n\x0c\x43OMMAND_AUTH\x10\x08\x12\x14\n\x10\x43OMMAND_RESERVED\x10\x7f*\x8b\x06\n\x0eResultTypeEnum\x12\x12\n\x0eRESULT_TYPE_OK\x10\x00\x12\x1a\n\x16RESULT_TYPE_UNKNOWN_ID\x10\x01\x12\x1d\n\x19RESULT_TYPE_INVALID_TOKEN\x10\x02\x12\x1e\n\x1aRESULT_TYPE_PROTOCOL_ERROR\x10\x03\x12\x1f\n\x1bRESULT_TYPE_UNKNOWN_COMMAND\x10\x04\x12#\n\x1fRESULT_TYPE_UNSUPPORTED_COMMAND\x10\x05\x12%\n!RESULT_TYPE_INVALID_CONFIGURATION\x10\x06\x12\"\n\x1eRESULT_TYPE_SSL_IS_NOT_ALLOWED\x10\x07\x12&\n\"RESULT_TYPE_INVALID_REQUEST_NUMBER\x10\x08\x12%\n!RESULT_TYPE_INVALID_RETRY_REQUEST\x10\t\x12\"\n\x1eRESULT_TYPE_CANT_CANCEL_TICKET\x10\n\x12*\n&RESULT_TYPE_OPEN_SHIFT_TIMEOUT_EXPIRED\x10\x0b\x12&\n\"RESULT_TYPE_INVALID_LOGIN_PASSWORD\x10\x0c\x12&\n\"RESULT_TYPE_INCORRECT_REQUEST_DATA\x10\r\x12\x1f\n\x1bRESULT_TYPE_NOT_ENOUGH_CASH\x10\x0e\x12\x17\n\x13RESULT_TYPE_BLOCKED\x10\x0f\x12$\n RESULT_TYPE_SHIFT_ALREADY_OPENED\x10\x10\x12*\n&RESULT_TYPE_SAME_TAXPAYER_AND_CUSTOMER\x10\x11\x12,\n(RESULT_TYPE_ELEMENT_NOT_FOUND_BY_BARCODE\x10\x12\x12\x30\n+RESULT_TYPE_SERVICE_TEMPORARILY_UNAVAILABLE\x10\xfe\x01\x12\x1e\n\x19RESULT_TYPE_UNKNOWN_ERROR\x10\xff\x01*o\n\x11OperationTypeEnum\x12\x11\n\rOPERATION_BUY\x10\x00\x12\x18\n\x14OPERATION_BUY_RETURN\x10\x01\x12\x12\n\x0eOPERATION_SELL\x10\x02\x12\x19\n\x15OPERATION_SELL_RETURN\x10\x03*o\n\x0fPaymentTypeEnum\x12\x10\n\x0cPAYMENT_CASH\x10\x00\x12\x10\n\x0cPAYMENT_CARD\x10\x01\x12\x12\n\x0ePAYMENT_CREDIT\x10\x02\x12\x10\n\x0cPAYMENT_TARE\x10\x03\x12\x12\n\x0ePAYMENT_MOBILE\x10\x04*r\n\x10TicketAdTypeEnum\x12\x11\n\rTICKET_AD_OFD\x10\x00\x12\x11\n\rTICKET_AD_ORG\x10\x01\x12\x11\n\rTICKET_AD_POS\x10\x02\x12\x11\n\rTICKET_AD_KKM\x10\x03\x12\x12\n\x0eTICKET_AD_INFO\x10\x04*\x84\x01\n\x0e\x44omainTypeEnum\x12\x12\n\x0e\x44OMAIN_TRADING\x10\x00\x12\x13\n\x0f\x44OMAIN_SERVICES\x10\x01\x12\x11\n\rDOMAIN_GASOIL\x10\x02\x12\x11\n\rDOMAIN_HOTELS\x10\x03\x12\x0f\n\x0b\x44OMAIN_TAXI\x10\x04\x12\x12\n\x0e\x44OMAIN_PARKING\x10\x05*Q\n\x12MoneyPlacementEnum\x12\x1b\n\x17MONEY_PLACEMENT_DEPOSIT\x10\x00\x12\x1e\n\x1aMONEY_PLACEMENT_WITHDRAWAL\x10\x01*,\n\x0eReportTypeEnum\x12\x0c\n\x08REPORT_Z\x10\x00\x12\x0c\n\x08REPORT_X\x10\x01*\\\n\x10TaxationTypeEnum\x12\x10\n\x0cTAXATION_STS\x10\x64\x12\x10\n\x0cTAXATION_RTS\x10\x65\x12\x11\n\rTAXATION_TRFF\x10\x66\x12\x11\n\rTAXATION_TRBP\x10g*\x1a\n\x0bTaxTypeEnum\x12\x0b\n\x07TAX_VAT\x10\x64*c\n\x0cUserRoleEnum\x12\x17\n\x13USER_ROLE_PAYMASTER\x10\x01\x12\x1d\n\x19USER_ROLE_CHIEF_PAYMASTER\x10\x02\x12\x1b\n\x17USER_ROLE_ADMINISTRATOR\x10\x03')

_globals = globals()
_builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, _globals)
_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'fiscal.protocols.kz.schema.v203.kkm_pb2', _globals)
if not _descriptor._USE_C_DESCRIPTORS:
  DESCRIPTOR._loaded_options = None
  _globals['_TICKETREQUEST_ITEM_COMMODITY'].fields_by_name['excise_stamp']._loaded_options = None
  _globals['_TICKETREQUEST_ITEM_COMMODITY'].fields_by_name['excise_stamp']._serialized_options = b'\030\001'
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY'].fields_by_name['excise_stamp']._loaded_options = None
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY'].fields_by_name['excise_stamp']._serialized_options = b'\030\001'
  _globals['_TICKETREQUEST'].fields_by_name['ad_infos']._loaded_options = None
  _globals['_TICKETREQUEST'].fields_by_name['ad_infos']._serialized_options = b'\030\001'
  _globals['_TICKETREQUEST'].fields_by_name['printed_document_number']._loaded_options = None
  _globals['_TICKETREQUEST'].fields_by_name['printed_document_number']._serialized_options = b'\030\001'
  _globals['_ZXREPORT'].fields_by_name['annulled_tickets']._loaded_options = None
  _globals['_ZXREPORT'].fields_by_name['annulled_tickets']._serialized_options = b'\030\001'
  _globals['_SERVICEREQUEST'].fields_by_name['marker']._loaded_options = None
  _globals['_SERVICEREQUEST'].fields_by_name['marker']._serialized_options = b'\030\001'
  _globals['_COMMANDTYPEENUM']._serialized_start=15630
  _globals['_COMMANDTYPEENUM']._serialized_end=15872
  _globals['_RESULTTYPEENUM']._serialized_start=15875
  _globals['_RESULTTYPEENUM']._serialized_end=16654
  _globals['_OPERATIONTYPEENUM']._serialized_start=16656
  _globals['_OPERATIONTYPEENUM']._serialized_end=16767
  _globals['_PAYMENTTYPEENUM']._serialized_start=16769
  _globals['_PAYMENTTYPEENUM']._serialized_end=16880
  _globals['_TICKETADTYPEENUM']._serialized_start=16882
  _globals['_TICKETADTYPEENUM']._serialized_end=16996
  _globals['_DOMAINTYPEENUM']._serialized_start=16999
  _globals['_DOMAINTYPEENUM']._serialized_end=17131
  _globals['_MONEYPLACEMENTENUM']._serialized_start=17133
  _globals['_MONEYPLACEMENTENUM']._serialized_end=17214
  _globals['_REPORTTYPEENUM']._serialized_start=17216
  _globals['_REPORTTYPEENUM']._serialized_end=17260
  _globals['_TAXATIONTYPEENUM']._serialized_start=17262
  _globals['_TAXATIONTYPEENUM']._serialized_end=17354
  _globals['_TAXTYPEENUM']._serialized_start=17356
  _globals['_TAXTYPEENUM']._serialized_end=17382
  _globals['_USERROLEENUM']._serialized_start=17384
  _globals['_USERROLEENUM']._serialized_end=17483
  _globals['_REQUEST']._serialized_start=75
  _globals['_REQUEST']._serialized_end=603
  _globals['_RESPONSE']._serialized_start=606
  _globals['_RESPONSE']._serialized_end=1047
  _globals['_RESULT']._serialized_start=1049
  _globals['_RESULT']._serialized_end=1099
  _globals['_DATE']._serialized_start=1101
  _globals['_DATE']._serialized_end=1149
  _globals['_TIME']._serialized_start=1151
  _globals['_TIME']._serialized_end=1203
  _globals['_DATETIME']._serialized_start=1205
  _globals['_DATETIME']._serialized_end=1313
  _globals['_MONEY']._serialized_start=1315
  _globals['_MONEY']._serialized_end=1352
  _globals['_OPERATOR']._serialized_start=1354
  _globals['_OPERATOR']._serialized_end=1392
  _globals['_KEYVALUEPAIR']._serialized_start=1394
  _globals['_KEYVALUEPAIR']._serialized_end=1436
  _globals['_TICKETADINFO']._serialized_start=1438
  _globals['_TICKETADINFO']._serialized_end=1530
  _globals['_TICKETAD']._serialized_start=1532
  _globals['_TICKETAD']._serialized_end=1613
  _globals['_TICKETREQUEST']._serialized_start=1616
  _globals['_TICKETREQUEST']._serialized_end=6529
  _globals['_TICKETREQUEST_TAX']._serialized_start=2567
  _globals['_TICKETREQUEST_TAX']._serialized_end=2704
  _globals['_TICKETREQUEST_MODIFIER']._serialized_start=2707
  _globals['_TICKETREQUEST_MODIFIER']._serialized_end=2905
  _globals['_TICKETREQUEST_ITEM']._serialized_start=2908
  _globals['_TICKETREQUEST_ITEM']._serialized_end=4549
  _globals['_TICKETREQUEST_ITEM_COMMODITY']._serialized_start=3456
  _globals['_TICKETREQUEST_ITEM_COMMODITY']._serialized_end=3915
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY']._serialized_start=3918
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY']._serialized_end=4369
  _globals['_TICKETREQUEST_ITEM_ITEMTYPEENUM']._serialized_start=4372
  _globals['_TICKETREQUEST_ITEM_ITEMTYPEENUM']._serialized_end=4549
  _globals['_TICKETREQUEST_DOMAIN']._serialized_start=4552
  _globals['_TICKETREQUEST_DOMAIN']._serialized_end=5301
  _globals['_TICKETREQUEST_DOMAIN_SERVICES']._serialized_start=4919
  _globals['_TICKETREQUEST_DOMAIN_SERVICES']._serialized_end=4953
  _globals['_TICKETREQUEST_DOMAIN_GASOIL']._serialized_start=4955
  _globals['_TICKETREQUEST_DOMAIN_GASOIL']._serialized_end=5071
  _globals['_TICKETREQUEST_DOMAIN_TAXI']._serialized_start=5073
  _globals['_TICKETREQUEST_DOMAIN_TAXI']._serialized_end=5174
  _globals['_TICKETREQUEST_DOMAIN_PARKING']._serialized_start=5176
  _globals['_TICKETREQUEST_DOMAIN_PARKING']._serialized_end=5301
  _globals['_TICKETREQUEST_EXTENSIONOPTIONS']._serialized_start=5304
  _globals['_TICKETREQUEST_EXTENSIONOPTIONS']._serialized_end=5461
  _globals['_TICKETREQUEST_PAYMENT']._serialized_start=5464
  _globals['_TICKETREQUEST_PAYMENT']._serialized_end=5985
  _globals['_TICKETREQUEST_PAYMENT_CARDPAYMENTFIELDS']._serialized_start=5787
  _globals['_TICKETREQUEST_PAYMENT_CARDPAYMENTFIELDS']._serialized_end=5930
  _globals['_TICKETREQUEST_PAYMENT_MOBILEPAYMENTFIELDS']._serialized_start=5932
  _globals['_TICKETREQUEST_PAYMENT_MOBILEPAYMENTFIELDS']._serialized_end=5985
  _globals['_TICKETREQUEST_AMOUNTS']._serialized_start=5988
  _globals['_TICKETREQUEST_AMOUNTS']._serialized_end=6291
  _globals['_TICKETREQUEST_PARENTTICKET']._serialized_start=6294
  _globals['_TICKETREQUEST_PARENTTICKET']._serialized_end=6529
  _globals['_TICKETRESPONSE']._serialized_start=6531
  _globals['_TICKETRESPONSE']._serialized_end=6587
  _globals['_CLOSESHIFTREQUEST']._serialized_start=6590
  _globals['_CLOSESHIFTREQUEST']._serialized_end=6884
  _globals['_MONEYPLACEMENTREQUEST']._serialized_start=6887
  _globals['_MONEYPLACEMENTREQUEST']._serialized_end=7219
  _globals['_ZXREPORT']._serialized_start=7222
  _globals['_ZXREPORT']._serialized_end=10235
  _globals['_ZXREPORT_OPERATION']._serialized_start=8398
  _globals['_ZXREPORT_OPERATION']._serialized_end=8540
  _globals['_ZXREPORT_SECTION']._serialized_start=8542
  _globals['_ZXREPORT_SECTION']._serialized_end=8642
  _globals['_ZXREPORT_TAX']._serialized_start=8645
  _globals['_ZXREPORT_TAX']._serialized_end=9014
  _globals['_ZXREPORT_TAX_TAXOPERATION']._serialized_start=8764
  _globals['_ZXREPORT_TAX_TAXOPERATION']._serialized_end=9014
  _globals['_ZXREPORT_NONNULLABLESUM']._serialized_start=9017
  _globals['_ZXREPORT_NONNULLABLESUM']._serialized_end=9149
  _globals['_ZXREPORT_TICKETOPERATION']._serialized_start=9152
  _globals['_ZXREPORT_TICKETOPERATION']._serialized_end=9758
  _globals['_ZXREPORT_TICKETOPERATION_PAYMENT']._serialized_start=9622
  _globals['_ZXREPORT_TICKETOPERATION_PAYMENT']._serialized_end=9758
  _globals['_ZXREPORT_MONEYPLACEMENT']._serialized_start=9761
  _globals['_ZXREPORT_MONEYPLACEMENT']._serialized_end=9986
  _globals['_ZXREPORT_ANNULLEDTICKETS']._serialized_start=9989
  _globals['_ZXREPORT_ANNULLEDTICKETS']._serialized_end=10154
  _globals['_ZXREPORT_REVENUE']._serialized_start=10156
  _globals['_ZXREPORT_REVENUE']._serialized_end=10235
  _globals['_REPORTREQUEST']._serialized_start=10238
  _globals['_REPORTREQUEST']._serialized_end=10450
  _globals['_REPORTRESPONSE']._serialized_start=10453
  _globals['_REPORTRESPONSE']._serialized_end=10588
  _globals['_NOMENCLATUREREQUEST']._serialized_start=10590
  _globals['_NOMENCLATUREREQUEST']._serialized_end=10653
  _globals['_NOMENCLATURERESPONSE']._serialized_start=10656
  _globals['_NOMENCLATURERESPONSE']._serialized_end=12147
  _globals['_NOMENCLATURERESPONSE_TAX']._serialized_start=10930
  _globals['_NOMENCLATURERESPONSE_TAX']._serialized_end=11086
  _globals['_NOMENCLATURERESPONSE_ITEM']._serialized_start=11089
  _globals['_NOMENCLATURERESPONSE_ITEM']._serialized_end=11656
  _globals['_NOMENCLATURERESPONSE_ELEMENT']._serialized_start=11659
  _globals['_NOMENCLATURERESPONSE_ELEMENT']._serialized_end=11889
  _globals['_NOMENCLATURERESPONSE_ELEMENTTYPEENUM']._serialized_start=11891
  _globals['_NOMENCLATURERESPONSE_ELEMENTTYPEENUM']._serialized_end=11955
  _globals['_NOMENCLATURERESPONSE_NOMENCLATURERESULTTYPEENUM']._serialized_start=11958
  _globals['_NOMENCLATURERESPONSE_NOMENCLATURERESULTTYPEENUM']._serialized_end=12147
  _globals['_NOMENCLATUREBARCODEREQUEST']._serialized_start=12149
  _globals['_NOMENCLATUREBARCODEREQUEST']._serialized_end=12194
  _globals['_NOMENCLATUREBARCODERESPONSE']._serialized_start=12196
  _globals['_NOMENCLATUREBARCODERESPONSE']._serialized_end=12306
  _globals['_SERVICEREQUEST']._serialized_start=12309
  _globals['_SERVICEREQUEST']._serialized_end=14159
  _globals['_SERVICEREQUEST_COMMQUALITY']._serialized_start=13003
  _globals['_SERVICEREQUEST_COMMQUALITY']._serialized_end=13080
  _globals['_SERVICEREQUEST_SECURITYSTATS']._serialized_start=13083
  _globals['_SERVICEREQUEST_SECURITYSTATS']._serialized_end=13279
  _globals['_SERVICEREQUEST_SECURITYSTATS_GEOPOSITION']._serialized_start=13213
  _globals['_SERVICEREQUEST_SECURITYSTATS_GEOPOSITION']._serialized_end=13279
  _globals['_SERVICEREQUEST_OFFLINEPERIOD']._serialized_start=13282
  _globals['_SERVICEREQUEST_OFFLINEPERIOD']._serialized_end=13413
  _globals['_SERVICEREQUEST_REGINFO']._serialized_start=13415
  _globals['_SERVICEREQUEST_REGINFO']._serialized_end=13532
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION']._serialized_start=13535
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION']._serialized_end=14159
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION']._serialized_start=13797
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION']._serialized_end=14159
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION_DEVICEINFORMATION']._serialized_start=14077
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION_DEVICEINFORMATION']._serialized_end=14159
  _globals['_SERVICERESPONSE']._serialized_start=14162
  _globals['_SERVICERESPONSE']._serialized_end=14785
  _globals['_SERVICERESPONSE_REGINFO']._serialized_start=14536
  _globals['_SERVICERESPONSE_REGINFO']._serialized_end=14707
  _globals['_SERVICERESPONSE_LASTDOCUMENTINFO']._serialized_start=14709
  _globals['_SERVICERESPONSE_LASTDOCUMENTINFO']._serialized_end=14785
  _globals['_KKMREGINFO']._serialized_start=14788
  _globals['_KKMREGINFO']._serialized_end=14917
  _globals['_POSREGINFO']._serialized_start=14919
  _globals['_POSREGINFO']._serialized_end=15020
  _globals['_ORGREGINFO']._serialized_start=15023
  _globals['_ORGREGINFO']._serialized_end=15156
  _globals['_BINDEDTAXATION']._serialized_start=15159
  _globals['_BINDEDTAXATION']._serialized_end=15316
  _globals['_BINDEDTAXATION_BINDEDTAX']._serialized_start=15270
  _globals['_BINDEDTAXATION_BINDEDTAX']._serialized_end=15316
  _globals['_AUTHREQUEST']._serialized_start=15318
  _globals['_AUTHREQUEST']._serialized_end=15364
  _globals['_AUTHRESPONSE']._serialized_start=15367
  _globals['_AUTHRESPONSE']._serialized_end=15627
  _globals['_AUTHRESPONSE_RESULTTYPEENUM']._serialized_start=15561
  _globals['_AUTHRESPONSE_RESULTTYPEENUM']._serialized_end=15627
# @@protoc_insertion_point(module_scope)
