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
    'fiscal/protocols/kz/schema/v202/kkm.proto'
)
# @@protoc_insertion_point(imports)

_sym_db = _symbol_database.Default()




DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile(b'\n)fiscal/protocols/kz/schema/v202/kkm.proto\x12\tkkm.proto\"\x80\x03\n\x07Request\x12+\n\x07\x63ommand\x18\x01 \x02(\x0e\x32\x1a.kkm.proto.CommandTypeEnum\x12(\n\x06ticket\x18\x02 \x01(\x0b\x32\x18.kkm.proto.TicketRequest\x12\x31\n\x0b\x63lose_shift\x18\x03 \x01(\x0b\x32\x1c.kkm.proto.CloseShiftRequest\x12(\n\x06report\x18\x04 \x01(\x0b\x32\x18.kkm.proto.ReportRequest\x12\x34\n\x0cnomenclature\x18\x05 \x01(\x0b\x32\x1e.kkm.proto.NomenclatureRequest\x12*\n\x07service\x18\x06 \x01(\x0b\x32\x19.kkm.proto.ServiceRequest\x12\x39\n\x0fmoney_placement\x18\x07 \x01(\x0b\x32 .kkm.proto.MoneyPlacementRequest\x12$\n\x04\x61uth\x18\x08 \x01(\x0b\x32\x16.kkm.proto.AuthRequest\"\xbb\x02\n\x08Response\x12+\n\x07\x63ommand\x18\x01 \x02(\x0e\x32\x1a.kkm.proto.CommandTypeEnum\x12!\n\x06result\x18\x02 \x02(\x0b\x32\x11.kkm.proto.Result\x12)\n\x06ticket\x18\x03 \x01(\x0b\x32\x19.kkm.proto.TicketResponse\x12)\n\x06report\x18\x04 \x01(\x0b\x32\x19.kkm.proto.ReportResponse\x12\x35\n\x0cnomenclature\x18\x05 \x01(\x0b\x32\x1f.kkm.proto.NomenclatureResponse\x12+\n\x07service\x18\x06 \x01(\x0b\x32\x1a.kkm.proto.ServiceResponse\x12%\n\x04\x61uth\x18\x07 \x01(\x0b\x32\x17.kkm.proto.AuthResponse\"2\n\x06Result\x12\x13\n\x0bresult_code\x18\x01 \x02(\r\x12\x13\n\x0bresult_text\x18\x02 \x01(\t\"0\n\x04\x44\x61te\x12\x0c\n\x04year\x18\x01 \x02(\r\x12\r\n\x05month\x18\x02 \x02(\r\x12\x0b\n\x03\x64\x61y\x18\x03 \x02(\r\"4\n\x04Time\x12\x0c\n\x04hour\x18\x01 \x02(\r\x12\x0e\n\x06minute\x18\x02 \x02(\r\x12\x0e\n\x06second\x18\x03 \x01(\r\"H\n\x08\x44\x61teTime\x12\x1d\n\x04\x64\x61te\x18\x01 \x02(\x0b\x32\x0f.kkm.proto.Date\x12\x1d\n\x04time\x18\x02 \x02(\x0b\x32\x0f.kkm.proto.Time\"%\n\x05Money\x12\r\n\x05\x62ills\x18\x01 \x02(\x04\x12\r\n\x05\x63oins\x18\x02 \x02(\r\"&\n\x08Operator\x12\x0c\n\x04\x63ode\x18\x01 \x02(\r\x12\x0c\n\x04name\x18\x02 \x01(\t\"*\n\x0cKeyValuePair\x12\x0b\n\x03key\x18\x01 \x02(\t\x12\r\n\x05value\x18\x02 \x01(\t\"J\n\x0cTicketAdInfo\x12)\n\x04type\x18\x01 \x02(\x0e\x32\x1b.kkm.proto.TicketAdTypeEnum\x12\x0f\n\x07version\x18\x02 \x02(\x04\"?\n\x08TicketAd\x12%\n\x04info\x18\x01 \x02(\x0b\x32\x17.kkm.proto.TicketAdInfo\x12\x0c\n\x04text\x18\x02 \x02(\t\"\xc4\x19\n\rTicketRequest\x12/\n\toperation\x18\x01 \x02(\x0e\x32\x1c.kkm.proto.OperationTypeEnum\x12&\n\tdate_time\x18\x02 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12%\n\x08operator\x18\x03 \x02(\x0b\x32\x13.kkm.proto.Operator\x12/\n\x06\x64omain\x18\x04 \x01(\x0b\x32\x1f.kkm.proto.TicketRequest.Domain\x12,\n\x05items\x18\x05 \x03(\x0b\x32\x1d.kkm.proto.TicketRequest.Item\x12\x32\n\x08payments\x18\x06 \x03(\x0b\x32 .kkm.proto.TicketRequest.Payment\x12+\n\x05taxes\x18\x07 \x03(\x0b\x32\x1c.kkm.proto.TicketRequest.Tax\x12\x31\n\x07\x61mounts\x18\x08 \x02(\x0b\x32 .kkm.proto.TicketRequest.Amounts\x12\x44\n\x11\x65xtension_options\x18\t \x01(\x0b\x32).kkm.proto.TicketRequest.ExtensionOptions\x12\x1d\n\x15offline_ticket_number\x18\n \x01(\r\x12#\n\x1bprinted_document_number_old\x18\x0b \x01(\t\x12\x16\n\x0eprinted_ticket\x18\x0c \x01(\t\x12-\n\x08\x61\x64_infos\x18\r \x03(\x0b\x32\x17.kkm.proto.TicketAdInfoB\x02\x18\x01\x12\x17\n\x0f\x66r_shift_number\x18\x0e \x01(\r\x12\x1d\n\x15shift_document_number\x18\x0f \x01(\r\x12\x1f\n\x17printed_document_number\x18\x10 \x01(\x04\x1aw\n\x03Tax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x15\n\rtaxation_type\x18\x02 \x01(\r\x12\x0f\n\x07percent\x18\x03 \x02(\r\x12\x1d\n\x03sum\x18\x04 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x17\n\x0fis_in_total_sum\x18\x05 \x02(\x08\x1a\x90\x01\n\x08Modifier\x12\x0c\n\x04name\x18\x01 \x01(\t\x12\x1d\n\x03sum\x18\x02 \x02(\x0b\x32\x10.kkm.proto.Money\x12+\n\x05taxes\x18\x03 \x03(\x0b\x32\x1c.kkm.proto.TicketRequest.Tax\x12*\n\tauxiliary\x18\x04 \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x1a\x81\n\n\x04Item\x12\x38\n\x04type\x18\x01 \x02(\x0e\x32*.kkm.proto.TicketRequest.Item.ItemTypeEnum\x12:\n\tcommodity\x18\x02 \x01(\x0b\x32\'.kkm.proto.TicketRequest.Item.Commodity\x12G\n\x10storno_commodity\x18\x03 \x01(\x0b\x32-.kkm.proto.TicketRequest.Item.StornoCommodity\x12\x31\n\x06markup\x18\x04 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\x12\x38\n\rstorno_markup\x18\x05 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\x12\x33\n\x08\x64iscount\x18\x06 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\x12:\n\x0fstorno_discount\x18\x07 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\x1a\xd6\x02\n\tCommodity\x12\x0c\n\x04\x63ode\x18\x01 \x01(\x04\x12\x0c\n\x04name\x18\x02 \x01(\t\x12\x14\n\x0csection_code\x18\x03 \x02(\t\x12\x10\n\x08quantity\x18\x04 \x02(\r\x12\x1f\n\x05price\x18\x05 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x1d\n\x03sum\x18\x06 \x02(\x0b\x32\x10.kkm.proto.Money\x12+\n\x05taxes\x18\x07 \x03(\x0b\x32\x1c.kkm.proto.TicketRequest.Tax\x12\x14\n\x0c\x65xcise_stamp\x18\x08 \x01(\t\x12*\n\tauxiliary\x18\t \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x12\x16\n\x0ephysical_label\x18\n \x01(\t\x12\x12\n\nproduct_id\x18\x0b \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x0c \x01(\t\x12\x19\n\x11measure_unit_code\x18\r \x01(\t\x1a\xce\x02\n\x0fStornoCommodity\x12\x0c\n\x04name\x18\x01 \x01(\t\x12\x14\n\x0csection_code\x18\x02 \x02(\t\x12\x10\n\x08quantity\x18\x03 \x02(\r\x12\x1f\n\x05price\x18\x04 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x1d\n\x03sum\x18\x05 \x02(\x0b\x32\x10.kkm.proto.Money\x12+\n\x05taxes\x18\x06 \x03(\x0b\x32\x1c.kkm.proto.TicketRequest.Tax\x12\x14\n\x0c\x65xcise_stamp\x18\x07 \x01(\t\x12*\n\tauxiliary\x18\x08 \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x12\x16\n\x0ephysical_label\x18\t \x01(\t\x12\x12\n\nproduct_id\x18\n \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x0b \x01(\t\x12\x19\n\x11measure_unit_code\x18\x0c \x01(\t\"\xb1\x01\n\x0cItemTypeEnum\x12\x17\n\x13ITEM_TYPE_COMMODITY\x10\x01\x12\x1e\n\x1aITEM_TYPE_STORNO_COMMODITY\x10\x02\x12\x14\n\x10ITEM_TYPE_MARKUP\x10\x03\x12\x1b\n\x17ITEM_TYPE_STORNO_MARKUP\x10\x04\x12\x16\n\x12ITEM_TYPE_DISCOUNT\x10\x05\x12\x1d\n\x19ITEM_TYPE_STORNO_DISCOUNT\x10\x06\x1a\xcb\x04\n\x06\x44omain\x12\'\n\x04type\x18\x01 \x01(\x0e\x32\x19.kkm.proto.DomainTypeEnum\x12:\n\x08services\x18\x02 \x01(\x0b\x32(.kkm.proto.TicketRequest.Domain.Services\x12\x36\n\x06gasoil\x18\x03 \x01(\x0b\x32&.kkm.proto.TicketRequest.Domain.GasOil\x12\x32\n\x04taxi\x18\x04 \x01(\x0b\x32$.kkm.proto.TicketRequest.Domain.Taxi\x12\x38\n\x07parking\x18\x05 \x01(\x0b\x32\'.kkm.proto.TicketRequest.Domain.Parking\x1a\"\n\x08Services\x12\x16\n\x0e\x61\x63\x63ount_number\x18\x01 \x02(\t\x1a\x62\n\x06GasOil\x12\x19\n\x11\x63orrection_number\x18\x01 \x01(\t\x12(\n\x0e\x63orrection_sum\x18\x02 \x01(\x0b\x32\x10.kkm.proto.Money\x12\x13\n\x0b\x63\x61rd_number\x18\x03 \x01(\t\x1aS\n\x04Taxi\x12\x12\n\ncar_number\x18\x01 \x02(\t\x12\x10\n\x08is_order\x18\x02 \x02(\x08\x12%\n\x0b\x63urrent_fee\x18\x03 \x02(\x0b\x32\x10.kkm.proto.Money\x1aY\n\x07Parking\x12\'\n\nbegin_time\x18\x01 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12%\n\x08\x65nd_time\x18\x02 \x02(\x0b\x32\x13.kkm.proto.DateTime\x1a\x8b\x01\n\x10\x45xtensionOptions\x12\x16\n\x0e\x63ustomer_email\x18\x01 \x01(\t\x12\x16\n\x0e\x63ustomer_phone\x18\x02 \x01(\t\x12*\n\tauxiliary\x18\x03 \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x12\x1b\n\x13\x63ustomer_iin_or_bin\x18\x04 \x01(\t\x1aR\n\x07Payment\x12(\n\x04type\x18\x01 \x02(\x0e\x32\x1a.kkm.proto.PaymentTypeEnum\x12\x1d\n\x03sum\x18\x02 \x02(\x0b\x32\x10.kkm.proto.Money\x1a\xd5\x01\n\x07\x41mounts\x12\x1f\n\x05total\x18\x01 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x1f\n\x05taken\x18\x02 \x01(\x0b\x32\x10.kkm.proto.Money\x12 \n\x06\x63hange\x18\x03 \x01(\x0b\x32\x10.kkm.proto.Money\x12\x31\n\x06markup\x18\x04 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\x12\x33\n\x08\x64iscount\x18\x05 \x01(\x0b\x32!.kkm.proto.TicketRequest.Modifier\"8\n\x0eTicketResponse\x12\x15\n\rticket_number\x18\x01 \x02(\t\x12\x0f\n\x07qr_code\x18\x02 \x01(\x0c\"\xf0\x01\n\x11\x43loseShiftRequest\x12\'\n\nclose_time\x18\x01 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12\x12\n\nis_offline\x18\x02 \x01(\x08\x12\x17\n\x0f\x66r_shift_number\x18\x03 \x01(\r\x12\x16\n\x0ewithdraw_money\x18\x04 \x01(\x08\x12%\n\x08z_report\x18\x05 \x01(\x0b\x32\x13.kkm.proto.ZXReport\x12%\n\x08operator\x18\x06 \x01(\x0b\x32\x13.kkm.proto.Operator\x12\x1f\n\x17printed_document_number\x18\x07 \x01(\x04\"\x84\x02\n\x15MoneyPlacementRequest\x12%\n\x08\x64\x61tetime\x18\x01 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12\x30\n\toperation\x18\x02 \x02(\x0e\x32\x1d.kkm.proto.MoneyPlacementEnum\x12\x1d\n\x03sum\x18\x03 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x12\n\nis_offline\x18\x04 \x01(\x08\x12\x17\n\x0f\x66r_shift_number\x18\x05 \x01(\r\x12\x1f\n\x17printed_document_number\x18\x06 \x01(\x04\x12%\n\x08operator\x18\x07 \x01(\x0b\x32\x13.kkm.proto.Operator\"\x92\x12\n\x08ZXReport\x12&\n\tdate_time\x18\x01 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12\x14\n\x0cshift_number\x18\x02 \x02(\r\x12-\n\x08sections\x18\x03 \x03(\x0b\x32\x1b.kkm.proto.ZXReport.Section\x12\x31\n\noperations\x18\x04 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x12\x30\n\tdiscounts\x18\x05 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x12.\n\x07markups\x18\x06 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x12\x33\n\x0ctotal_result\x18\x07 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x12&\n\x05taxes\x18\x08 \x03(\x0b\x32\x17.kkm.proto.ZXReport.Tax\x12I\n\x1dstart_shift_non_nullable_sums\x18\t \x03(\x0b\x32\".kkm.proto.ZXReport.NonNullableSum\x12>\n\x11ticket_operations\x18\n \x03(\x0b\x32#.kkm.proto.ZXReport.TicketOperation\x12<\n\x10money_placements\x18\x0b \x03(\x0b\x32\".kkm.proto.ZXReport.MoneyPlacement\x12=\n\x10\x61nnulled_tickets\x18\x0c \x01(\x0b\x32#.kkm.proto.ZXReport.AnnulledTickets\x12\"\n\x08\x63\x61sh_sum\x18\r \x02(\x0b\x32\x10.kkm.proto.Money\x12,\n\x07revenue\x18\x0e \x02(\x0b\x32\x1b.kkm.proto.ZXReport.Revenue\x12=\n\x11non_nullable_sums\x18\x0f \x03(\x0b\x32\".kkm.proto.ZXReport.NonNullableSum\x12,\n\x0fopen_shift_time\x18\x10 \x01(\x0b\x32\x13.kkm.proto.DateTime\x12-\n\x10\x63lose_shift_time\x18\x11 \x01(\x0b\x32\x13.kkm.proto.DateTime\x12\x10\n\x08\x63hecksum\x18\x12 \x01(\t\x1aj\n\tOperation\x12/\n\toperation\x18\x01 \x02(\x0e\x32\x1c.kkm.proto.OperationTypeEnum\x12\r\n\x05\x63ount\x18\x02 \x02(\r\x12\x1d\n\x03sum\x18\x03 \x02(\x0b\x32\x10.kkm.proto.Money\x1aR\n\x07Section\x12\x14\n\x0csection_code\x18\x01 \x02(\t\x12\x31\n\noperations\x18\x02 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x1a\x97\x02\n\x03Tax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x0f\n\x07percent\x18\x02 \x02(\r\x12\x38\n\noperations\x18\x03 \x03(\x0b\x32$.kkm.proto.ZXReport.Tax.TaxOperation\x1a\xb2\x01\n\x0cTaxOperation\x12/\n\toperation\x18\x01 \x02(\x0e\x32\x1c.kkm.proto.OperationTypeEnum\x12\"\n\x08turnover\x18\x02 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x1d\n\x03sum\x18\x03 \x02(\x0b\x32\x10.kkm.proto.Money\x12.\n\x14turnover_without_tax\x18\x04 \x01(\x0b\x32\x10.kkm.proto.Money\x1a`\n\x0eNonNullableSum\x12/\n\toperation\x18\x01 \x02(\x0e\x32\x1c.kkm.proto.OperationTypeEnum\x12\x1d\n\x03sum\x18\x02 \x02(\x0b\x32\x10.kkm.proto.Money\x1a\xcd\x03\n\x0fTicketOperation\x12/\n\toperation\x18\x01 \x02(\x0e\x32\x1c.kkm.proto.OperationTypeEnum\x12\x1b\n\x13tickets_total_count\x18\x02 \x02(\r\x12\x15\n\rtickets_count\x18\x03 \x02(\r\x12%\n\x0btickets_sum\x18\x04 \x02(\x0b\x32\x10.kkm.proto.Money\x12=\n\x08payments\x18\x05 \x03(\x0b\x32+.kkm.proto.ZXReport.TicketOperation.Payment\x12\x15\n\roffline_count\x18\x06 \x01(\r\x12&\n\x0c\x64iscount_sum\x18\x07 \x01(\x0b\x32\x10.kkm.proto.Money\x12$\n\nmarkup_sum\x18\x08 \x01(\x0b\x32\x10.kkm.proto.Money\x12$\n\nchange_sum\x18\t \x01(\x0b\x32\x10.kkm.proto.Money\x1a\x64\n\x07Payment\x12+\n\x07payment\x18\x01 \x02(\x0e\x32\x1a.kkm.proto.PaymentTypeEnum\x12\x1d\n\x03sum\x18\x02 \x02(\x0b\x32\x10.kkm.proto.Money\x12\r\n\x05\x63ount\x18\x03 \x01(\r\x1a\xbd\x01\n\x0eMoneyPlacement\x12\x30\n\toperation\x18\x01 \x02(\x0e\x32\x1d.kkm.proto.MoneyPlacementEnum\x12\x1e\n\x16operations_total_count\x18\x02 \x02(\r\x12\x18\n\x10operations_count\x18\x03 \x02(\r\x12(\n\x0eoperations_sum\x18\x04 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x15\n\roffline_count\x18\x05 \x01(\r\x1a\x93\x01\n\x0f\x41nnulledTickets\x12$\n\x1c\x61nnulled_tickets_total_count\x18\x01 \x02(\r\x12\x1e\n\x16\x61nnulled_tickets_count\x18\x02 \x02(\r\x12:\n\x13\x61nnulled_operations\x18\x03 \x03(\x0b\x32\x1d.kkm.proto.ZXReport.Operation\x1a=\n\x07Revenue\x12\x1d\n\x03sum\x18\x01 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x13\n\x0bis_negative\x18\x02 \x02(\x08\"\x9e\x01\n\rReportRequest\x12)\n\x06report\x18\x01 \x02(\x0e\x32\x19.kkm.proto.ReportTypeEnum\x12&\n\tdate_time\x18\x02 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12\x12\n\nis_offline\x18\x03 \x01(\x08\x12&\n\tzx_report\x18\x04 \x01(\x0b\x32\x13.kkm.proto.ZXReport\"c\n\x0eReportResponse\x12)\n\x06report\x18\x01 \x02(\x0e\x32\x19.kkm.proto.ReportTypeEnum\x12&\n\tzx_report\x18\x02 \x01(\x0b\x32\x13.kkm.proto.ZXReport\".\n\x13NomenclatureRequest\x12\x17\n\x0f\x63urrent_version\x18\x01 \x02(\r\"\xc6\x08\n\x14NomenclatureResponse\x12\x0f\n\x07version\x18\x01 \x02(\r\x12)\n\x0c\x63reated_time\x18\x02 \x01(\x0b\x32\x13.kkm.proto.DateTime\x12\x39\n\x08\x65lements\x18\x03 \x03(\x0b\x32\'.kkm.proto.NomenclatureResponse.Element\x12J\n\x06result\x18\x04 \x02(\x0e\x32:.kkm.proto.NomenclatureResponse.NomenclatureResultTypeEnum\x1a\x43\n\x03Tax\x12\x15\n\rtaxation_type\x18\x01 \x02(\r\x12\x10\n\x08tax_type\x18\x02 \x02(\r\x12\x13\n\x0btax_percent\x18\x03 \x02(\r\x1a\xa6\x03\n\x04Item\x12\x0f\n\x07\x61rticle\x18\x01 \x01(\t\x12\x0f\n\x07\x62\x61rcode\x18\x02 \x01(\t\x12\x13\n\x0b\x64\x65scription\x18\x03 \x01(\t\x12(\n\x0epurchase_price\x18\x06 \x02(\x0b\x32\x10.kkm.proto.Money\x12$\n\nsell_price\x18\x07 \x02(\x0b\x32\x10.kkm.proto.Money\x12\x18\n\x10\x64iscount_percent\x18\x08 \x01(\r\x12&\n\x0c\x64iscount_sum\x18\t \x01(\x0b\x32\x10.kkm.proto.Money\x12\x16\n\x0emarkup_percent\x18\n \x01(\r\x12$\n\nmarkup_sum\x18\x0b \x01(\x0b\x32\x10.kkm.proto.Money\x12\x32\n\x05taxes\x18\x0c \x03(\x0b\x32#.kkm.proto.NomenclatureResponse.Tax\x12\x15\n\rmeasure_count\x18\r \x01(\r\x12\x15\n\rmeasure_title\x18\x0e \x01(\t\x12\x1a\n\x12measure_fractional\x18\x0f \x01(\x08\x12\x19\n\x11measure_unit_code\x18\x10 \x01(\t\x1a\xb0\x01\n\x07\x45lement\x12=\n\x04type\x18\x01 \x02(\x0e\x32/.kkm.proto.NomenclatureResponse.ElementTypeEnum\x12\r\n\x05title\x18\x03 \x02(\t\x12\x17\n\x0fparent_group_id\x18\x04 \x01(\x04\x12\n\n\x02id\x18\x05 \x02(\x04\x12\x32\n\x04item\x18\x06 \x01(\x0b\x32$.kkm.proto.NomenclatureResponse.Item\"@\n\x0f\x45lementTypeEnum\x12\x16\n\x12\x45LEMENT_TYPE_GROUP\x10\x00\x12\x15\n\x11\x45LEMENT_TYPE_ITEM\x10\x01\"\x87\x01\n\x1aNomenclatureResultTypeEnum\x12\x1a\n\x16NOMENCLATURE_RESULT_OK\x10\x00\x12)\n%NOMENCLATURE_RESULT_VERSION_IS_ACTUAL\x10\x01\x12\"\n\x1eNOMENCLATURE_RESULT_NO_VERSION\x10\x02\"\x97\x0c\n\x0eServiceRequest\x12;\n\x0c\x63omm_quality\x18\x01 \x01(\x0b\x32%.kkm.proto.ServiceRequest.CommQuality\x12?\n\x0esecurity_stats\x18\x03 \x01(\x0b\x32\'.kkm.proto.ServiceRequest.SecurityStats\x12?\n\x0eoffline_period\x18\x04 \x01(\x0b\x32\'.kkm.proto.ServiceRequest.OfflinePeriod\x12\x1c\n\x14nomenclature_version\x18\x05 \x01(\r\x12\x30\n\x0fticket_ad_infos\x18\x06 \x03(\x0b\x32\x17.kkm.proto.TicketAdInfo\x12\x14\n\x0cget_reg_info\x18\x07 \x01(\x08\x12\x1b\n\x13get_binded_taxation\x18\x08 \x01(\x08\x12\x0e\n\x06marker\x18\t \x01(\x04\x12 \n\x18software_information_old\x18\n \x01(\x0c\x12K\n\x14software_information\x18\x0b \x01(\x0b\x32-.kkm.proto.ServiceRequest.SoftwareInformation\x12\x33\n\x08reg_info\x18\x0c \x01(\x0b\x32!.kkm.proto.ServiceRequest.RegInfo\x12*\n\tauxiliary\x18< \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x1aM\n\x0b\x43ommQuality\x12\x18\n\x10\x61vg_connect_time\x18\x01 \x02(\r\x12\x10\n\x08\x61vg_ping\x18\x02 \x01(\r\x12\x12\n\nloss_ratio\x18\x03 \x01(\r\x1a\xa2\x01\n\rSecurityStats\x12I\n\x0cgeo_position\x18\x01 \x01(\x0b\x32\x33.kkm.proto.ServiceRequest.SecurityStats.GeoPosition\x12\x12\n\nos_version\x18\x02 \x01(\t\x1a\x32\n\x0bGeoPosition\x12\x10\n\x08latitude\x18\x01 \x02(\x05\x12\x11\n\tlongitude\x18\x02 \x02(\x05\x1a_\n\rOfflinePeriod\x12\'\n\nbegin_time\x18\x01 \x02(\x0b\x32\x13.kkm.proto.DateTime\x12%\n\x08\x65nd_time\x18\x02 \x02(\x0b\x32\x13.kkm.proto.DateTime\x1aQ\n\x07RegInfo\x12\"\n\x03kkm\x18\x01 \x01(\x0b\x32\x15.kkm.proto.KkmRegInfo\x12\"\n\x03org\x18\x02 \x01(\x0b\x32\x15.kkm.proto.OrgRegInfo\x1a\xba\x04\n\x13SoftwareInformation\x12U\n\x0cmodule_infos\x18\x01 \x03(\x0b\x32?.kkm.proto.ServiceRequest.SoftwareInformation.ModuleInformation\x12\x15\n\rhardware_arch\x18\x02 \x01(\t\x12\x11\n\tos_family\x18\x03 \x01(\t\x12\x12\n\nos_version\x18\x04 \x01(\t\x12\x18\n\x10os_extended_info\x18\x05 \x01(\t\x12\x17\n\x0fruntime_version\x18\x06 \x01(\t\x12\x12\n\npartner_id\x18\x07 \x01(\r\x1a\xc6\x02\n\x11ModuleInformation\x12\x0c\n\x04name\x18\x01 \x02(\t\x12\x0f\n\x07version\x18\x02 \x02(\t\x12\x12\n\nbuild_info\x18\x03 \x01(\t\x12\x66\n\x0b\x64\x65vice_info\x18\x04 \x01(\x0b\x32Q.kkm.proto.ServiceRequest.SoftwareInformation.ModuleInformation.DeviceInformation\x12.\n\rextended_info\x18\x05 \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x12\x12\n\nbuild_arch\x18\x06 \x01(\t\x1aR\n\x11\x44\x65viceInformation\x12\x14\n\x0cmanufacturer\x18\x01 \x01(\t\x12\r\n\x05model\x18\x02 \x01(\t\x12\x18\n\x10\x66irmware_version\x18\x03 \x01(\t\"\xde\x03\n\x0fServiceResponse\x12\'\n\nticket_ads\x18\x01 \x03(\x0b\x32\x13.kkm.proto.TicketAd\x12\x34\n\x08reg_info\x18\x02 \x01(\x0b\x32\".kkm.proto.ServiceResponse.RegInfo\x12\x32\n\x0f\x62inded_taxation\x18\x03 \x01(\x0b\x32\x19.kkm.proto.BindedTaxation\x12G\n\x12last_document_info\x18\x04 \x01(\x0b\x32+.kkm.proto.ServiceResponse.LastDocumentInfo\x12*\n\tauxiliary\x18\x1e \x03(\x0b\x32\x17.kkm.proto.KeyValuePair\x1au\n\x07RegInfo\x12\"\n\x03kkm\x18\x01 \x01(\x0b\x32\x15.kkm.proto.KkmRegInfo\x12\"\n\x03pos\x18\x02 \x01(\x0b\x32\x15.kkm.proto.PosRegInfo\x12\"\n\x03org\x18\x03 \x01(\x0b\x32\x15.kkm.proto.OrgRegInfo\x1aL\n\x10LastDocumentInfo\x12\x17\n\x0f\x66r_shift_number\x18\x01 \x02(\r\x12\x1f\n\x17printed_document_number\x18\x02 \x01(\x04\"\x81\x01\n\nKkmRegInfo\x12\x1f\n\x17point_of_payment_number\x18\x01 \x01(\t\x12\x17\n\x0fterminal_number\x18\x02 \x01(\t\x12\x12\n\nfns_kkm_id\x18\x03 \x01(\t\x12\x15\n\rserial_number\x18\x04 \x01(\t\x12\x0e\n\x06kkm_id\x18\x05 \x01(\t\",\n\nPosRegInfo\x12\r\n\x05title\x18\x01 \x01(\t\x12\x0f\n\x07\x61\x64\x64ress\x18\x02 \x01(\t\"q\n\nOrgRegInfo\x12\r\n\x05title\x18\x01 \x01(\t\x12\x0f\n\x07\x61\x64\x64ress\x18\x02 \x01(\t\x12\x0b\n\x03inn\x18\x03 \x01(\t\x12\x15\n\rtaxation_type\x18\x04 \x01(\r\x12\r\n\x05okved\x18\x05 \x01(\t\x12\x10\n\x08tenantId\x18\x06 \x01(\x05\"\x8b\x01\n\x0e\x42indedTaxation\x12\x15\n\rtaxation_type\x18\x01 \x02(\r\x12\x32\n\x05taxes\x18\x02 \x03(\x0b\x32#.kkm.proto.BindedTaxation.BindedTax\x1a.\n\tBindedTax\x12\x10\n\x08tax_type\x18\x01 \x02(\r\x12\x0f\n\x07percent\x18\x02 \x02(\r\".\n\x0b\x41uthRequest\x12\r\n\x05login\x18\x01 \x02(\t\x12\x10\n\x08password\x18\x02 \x02(\t\"\xe0\x01\n\x0c\x41uthResponse\x12\x36\n\x06result\x18\x01 \x02(\x0e\x32&.kkm.proto.AuthResponse.ResultTypeEnum\x12\x15\n\roperator_code\x18\x02 \x01(\r\x12\x15\n\roperator_name\x18\x03 \x01(\t\x12&\n\x05roles\x18\x04 \x03(\x0e\x32\x17.kkm.proto.UserRoleEnum\"B\n\x0eResultTypeEnum\x12\r\n\tRESULT_OK\x10\x00\x12!\n\x1dRESULT_INVALID_LOGIN_PASSWORD\x10\x01*\xf2\x01\n\x0f\x43ommandTypeEnum\x12\x12\n\x0e\x43OMMAND_SYSTEM\x10\x00\x12\x12\n\x0e\x43OMMAND_TICKET\x10\x01\x12\x17\n\x13\x43OMMAND_CLOSE_SHIFT\x10\x02\x12\x12\n\x0e\x43OMMAND_REPORT\x10\x03\x12\x18\n\x14\x43OMMAND_NOMENCLATURE\x10\x04\x12\x10\n\x0c\x43OMMAND_INFO\x10\x05\x12\x1b\n\x17\x43OMMAND_MONEY_PLACEMENT\x10\x06\x12\x19\n\x15\x43OMMAND_CANCEL_TICKET\x10\x07\x12\x10\n\x0c\x43OMMAND_AUTH\x10\x08\x12\x14\n\x10\x43OMMAND_RESERVED\x10\x7f*\xdd\x05\n\x0eResultTypeEnum\x12\x12\n\x0eRESULT_TYPE_OK\x10\x00\x12\x1a\n\x16RESULT_TYPE_UNKNOWN_ID\x10\x01\x12\x1d\n\x19RESULT_TYPE_INVALID_TOKEN\x10\x02\x12\x1e\n\x1aRESULT_TYPE_PROTOCOL_ERROR\x10\x03\x12\x1f\n\x1bRESULT_TYPE_UNKNOWN_COMMAND\x10\x04\x12#\n\x1fRESULT_TYPE_UNSUPPORTED_COMMAND\x10\x05\x12%\n!RESULT_TYPE_INVALID_CONFIGURATION\x10\x06\x12\"\n\x1eRESULT_TYPE_SSL_IS_NOT_ALLOWED\x10\x07\x12&\n\"RESULT_TYPE_INVALID_REQUEST_NUMBER\x10\x08\x12%\n!RESULT_TYPE_INVALID_RETRY_REQUEST\x10\t\x12\"\n\x1eRESULT_TYPE_CANT_CANCEL_TICKET\x10\n\x12*\n&RESULT_TYPE_OPEN_SHIFT_TIMEOUT_EXPIRED\x10\x0b\x12&\n\"RESULT_TYPE_INVALID_LOGIN_PASSWORD\x10\x0c\x12&\n\"RESULT_TYPE_INCORRECT_REQUEST_DATA\x10\r\x12\x1f\n\x1bRESULT_TYPE_NOT_ENOUGH_CASH\x10\x0e\x12\x17\n\x13RESULT_TYPE_BLOCKED\x10\x0f\x12$\n RESULT_TYPE_SHIFT_ALREADY_OPENED\x10\x10\x12*\n&RESULT_TYPE_SAME_TAXPAYER_AND_CUSTOMER\x10\x11\x12\x30\n+RESULT_TYPE_SERVICE_TEMPORARILY_UNAVAILABLE\x10\xfe\x01\x12\x1e\n\x19RESULT_TYPE_UNKNOWN_ERROR\x10\xff\x01*o\n\x11OperationTypeEnum\x12\x11\n\rOPERATION_BUY\x10\x00\x12\x18\n\x14OPERATION_BUY_RETURN\x10\x01\x12\x12\n\x0eOPERATION_SELL\x10\x02\x12\x19\n\x15OPERATION_SELL_RETURN\x10\x03*o\n\x0fPaymentTypeEnum\x12\x10\n\x0cPAYMENT_CASH\x10\x00\x12\x10\n\x0cPAYMENT_CARD\x10\x01\x12\x12\n\x0ePAYMENT_CREDIT\x10\x02\x12\x10\n\x0cPAYMENT_TARE\x10\x03\x12\x12\n\x0ePAYMENT_MOBILE\x10\x04*r\n\x10TicketAdTypeEnum\x12\x11\n\rTICKET_AD_OFD\x10\x00\x12\x11\n\rTICKET_AD_ORG\x10\x01\x12\x11\n\rTICKET_AD_POS\x10\x02\x12\x11\n\rTICKET_AD_KKM\x10\x03\x12\x12\n\x0eTICKET_AD_INFO\x10\x04*\x84\x01\n\x0e\x44omainTypeEnum\x12\x12\n\x0e\x44OMAIN_TRADING\x10\x00\x12\x13\n\x0f\x44OMAIN_SERVICES\x10\x01\x12\x11\n\rDOMAIN_GASOIL\x10\x02\x12\x11\n\rDOMAIN_HOTELS\x10\x03\x12\x0f\n\x0b\x44OMAIN_TAXI\x10\x04\x12\x12\n\x0e\x44OMAIN_PARKING\x10\x05*Q\n\x12MoneyPlacementEnum\x12\x1b\n\x17MONEY_PLACEMENT_DEPOSIT\x10\x00\x12\x1e\n\x1aMONEY_PLACEMENT_WITHDRAWAL\x10\x01*,\n\x0eReportTypeEnum\x12\x0c\n\x08REPORT_Z\x10\x00\x12\x0c\n\x08REPORT_X\x10\x01*c\n\x0cUserRoleEnum\x12\x17\n\x13USER_ROLE_PAYMASTER\x10\x01\x12\x1d\n\x19USER_ROLE_CHIEF_PAYMASTER\x10\x02\x12\x1b\n\x17USER_ROLE_ADMINISTRATOR\x10\x03')

_globals = globals()
_builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, _globals)
_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'fiscal.protocols.kz.schema.v202.kkm_pb2', _globals)
if not _descriptor._USE_C_DESCRIPTORS:
  DESCRIPTOR._loaded_options = None
  _globals['_TICKETREQUEST'].fields_by_name['ad_infos']._loaded_options = None
  _globals['_TICKETREQUEST'].fields_by_name['ad_infos']._serialized_options = b'\030\001'
  _globals['_COMMANDTYPEENUM']._serialized_start=11576
  _globals['_COMMANDTYPEENUM']._serialized_end=11818
  _globals['_RESULTTYPEENUM']._serialized_start=11821
  _globals['_RESULTTYPEENUM']._serialized_end=12554
  _globals['_OPERATIONTYPEENUM']._serialized_start=12556
  _globals['_OPERATIONTYPEENUM']._serialized_end=12667
  _globals['_PAYMENTTYPEENUM']._serialized_start=12669
  _globals['_PAYMENTTYPEENUM']._serialized_end=12780
  _globals['_TICKETADTYPEENUM']._serialized_start=12782
  _globals['_TICKETADTYPEENUM']._serialized_end=12896
  _globals['_DOMAINTYPEENUM']._serialized_start=12899
  _globals['_DOMAINTYPEENUM']._serialized_end=13031
  _globals['_MONEYPLACEMENTENUM']._serialized_start=13033
  _globals['_MONEYPLACEMENTENUM']._serialized_end=13114
  _globals['_REPORTTYPEENUM']._serialized_start=13116
  _globals['_REPORTTYPEENUM']._serialized_end=13160
  _globals['_USERROLEENUM']._serialized_start=13162
  _globals['_USERROLEENUM']._serialized_end=13261
  _globals['_REQUEST']._serialized_start=57
  _globals['_REQUEST']._serialized_end=441
  _globals['_RESPONSE']._serialized_start=444
  _globals['_RESPONSE']._serialized_end=759
  _globals['_RESULT']._serialized_start=761
  _globals['_RESULT']._serialized_end=811
  _globals['_DATE']._serialized_start=813
  _globals['_DATE']._serialized_end=861
  _globals['_TIME']._serialized_start=863
  _globals['_TIME']._serialized_end=915
  _globals['_DATETIME']._serialized_start=917
  _globals['_DATETIME']._serialized_end=989
  _globals['_MONEY']._serialized_start=991
  _globals['_MONEY']._serialized_end=1028
  _globals['_OPERATOR']._serialized_start=1030
  _globals['_OPERATOR']._serialized_end=1068
  _globals['_KEYVALUEPAIR']._serialized_start=1070
  _globals['_KEYVALUEPAIR']._serialized_end=1112
  _globals['_TICKETADINFO']._serialized_start=1114
  _globals['_TICKETADINFO']._serialized_end=1188
  _globals['_TICKETAD']._serialized_start=1190
  _globals['_TICKETAD']._serialized_end=1253
  _globals['_TICKETREQUEST']._serialized_start=1256
  _globals['_TICKETREQUEST']._serialized_end=4524
  _globals['_TICKETREQUEST_TAX']._serialized_start=1942
  _globals['_TICKETREQUEST_TAX']._serialized_end=2061
  _globals['_TICKETREQUEST_MODIFIER']._serialized_start=2064
  _globals['_TICKETREQUEST_MODIFIER']._serialized_end=2208
  _globals['_TICKETREQUEST_ITEM']._serialized_start=2211
  _globals['_TICKETREQUEST_ITEM']._serialized_end=3492
  _globals['_TICKETREQUEST_ITEM_COMMODITY']._serialized_start=2633
  _globals['_TICKETREQUEST_ITEM_COMMODITY']._serialized_end=2975
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY']._serialized_start=2978
  _globals['_TICKETREQUEST_ITEM_STORNOCOMMODITY']._serialized_end=3312
  _globals['_TICKETREQUEST_ITEM_ITEMTYPEENUM']._serialized_start=3315
  _globals['_TICKETREQUEST_ITEM_ITEMTYPEENUM']._serialized_end=3492
  _globals['_TICKETREQUEST_DOMAIN']._serialized_start=3495
  _globals['_TICKETREQUEST_DOMAIN']._serialized_end=4082
  _globals['_TICKETREQUEST_DOMAIN_SERVICES']._serialized_start=3772
  _globals['_TICKETREQUEST_DOMAIN_SERVICES']._serialized_end=3806
  _globals['_TICKETREQUEST_DOMAIN_GASOIL']._serialized_start=3808
  _globals['_TICKETREQUEST_DOMAIN_GASOIL']._serialized_end=3906
  _globals['_TICKETREQUEST_DOMAIN_TAXI']._serialized_start=3908
  _globals['_TICKETREQUEST_DOMAIN_TAXI']._serialized_end=3991
  _globals['_TICKETREQUEST_DOMAIN_PARKING']._serialized_start=3993
  _globals['_TICKETREQUEST_DOMAIN_PARKING']._serialized_end=4082
  _globals['_TICKETREQUEST_EXTENSIONOPTIONS']._serialized_start=4085
  _globals['_TICKETREQUEST_EXTENSIONOPTIONS']._serialized_end=4224
  _globals['_TICKETREQUEST_PAYMENT']._serialized_start=4226
  _globals['_TICKETREQUEST_PAYMENT']._serialized_end=4308
  _globals['_TICKETREQUEST_AMOUNTS']._serialized_start=4311
  _globals['_TICKETREQUEST_AMOUNTS']._serialized_end=4524
  _globals['_TICKETRESPONSE']._serialized_start=4526
  _globals['_TICKETRESPONSE']._serialized_end=4582
  _globals['_CLOSESHIFTREQUEST']._serialized_start=4585
  _globals['_CLOSESHIFTREQUEST']._serialized_end=4825
  _globals['_MONEYPLACEMENTREQUEST']._serialized_start=4828
  _globals['_MONEYPLACEMENTREQUEST']._serialized_end=5088
  _globals['_ZXREPORT']._serialized_start=5091
  _globals['_ZXREPORT']._serialized_end=7413
  _globals['_ZXREPORT_OPERATION']._serialized_start=5974
  _globals['_ZXREPORT_OPERATION']._serialized_end=6080
  _globals['_ZXREPORT_SECTION']._serialized_start=6082
  _globals['_ZXREPORT_SECTION']._serialized_end=6164
  _globals['_ZXREPORT_TAX']._serialized_start=6167
  _globals['_ZXREPORT_TAX']._serialized_end=6446
  _globals['_ZXREPORT_TAX_TAXOPERATION']._serialized_start=6268
  _globals['_ZXREPORT_TAX_TAXOPERATION']._serialized_end=6446
  _globals['_ZXREPORT_NONNULLABLESUM']._serialized_start=6448
  _globals['_ZXREPORT_NONNULLABLESUM']._serialized_end=6544
  _globals['_ZXREPORT_TICKETOPERATION']._serialized_start=6547
  _globals['_ZXREPORT_TICKETOPERATION']._serialized_end=7008
  _globals['_ZXREPORT_TICKETOPERATION_PAYMENT']._serialized_start=6908
  _globals['_ZXREPORT_TICKETOPERATION_PAYMENT']._serialized_end=7008
  _globals['_ZXREPORT_MONEYPLACEMENT']._serialized_start=7011
  _globals['_ZXREPORT_MONEYPLACEMENT']._serialized_end=7200
  _globals['_ZXREPORT_ANNULLEDTICKETS']._serialized_start=7203
  _globals['_ZXREPORT_ANNULLEDTICKETS']._serialized_end=7350
  _globals['_ZXREPORT_REVENUE']._serialized_start=7352
  _globals['_ZXREPORT_REVENUE']._serialized_end=7413
  _globals['_REPORTREQUEST']._serialized_start=7416
  _globals['_REPORTREQUEST']._serialized_end=7574
  _globals['_REPORTRESPONSE']._serialized_start=7576
  _globals['_REPORTRESPONSE']._serialized_end=7675
  _globals['_NOMENCLATUREREQUEST']._serialized_start=7677
  _globals['_NOMENCLATUREREQUEST']._serialized_end=7723
  _globals['_NOMENCLATURERESPONSE']._serialized_start=7726
  _globals['_NOMENCLATURERESPONSE']._serialized_end=8820
  _globals['_NOMENCLATURERESPONSE_TAX']._serialized_start=7945
  _globals['_NOMENCLATURERESPONSE_TAX']._serialized_end=8012
  _globals['_NOMENCLATURERESPONSE_ITEM']._serialized_start=8015
  _globals['_NOMENCLATURERESPONSE_ITEM']._serialized_end=8437
  _globals['_NOMENCLATURERESPONSE_ELEMENT']._serialized_start=8440
  _globals['_NOMENCLATURERESPONSE_ELEMENT']._serialized_end=8616
  _globals['_NOMENCLATURERESPONSE_ELEMENTTYPEENUM']._serialized_start=8618
  _globals['_NOMENCLATURERESPONSE_ELEMENTTYPEENUM']._serialized_end=8682
  _globals['_NOMENCLATURERESPONSE_NOMENCLATURERESULTTYPEENUM']._serialized_start=8685
  _globals['_NOMENCLATURERESPONSE_NOMENCLATURERESULTTYPEENUM']._serialized_end=8820
  _globals['_SERVICEREQUEST']._serialized_start=8823
  _globals['_SERVICEREQUEST']._serialized_end=10382
  _globals['_SERVICEREQUEST_COMMQUALITY']._serialized_start=9387
  _globals['_SERVICEREQUEST_COMMQUALITY']._serialized_end=9464
  _globals['_SERVICEREQUEST_SECURITYSTATS']._serialized_start=9467
  _globals['_SERVICEREQUEST_SECURITYSTATS']._serialized_end=9629
  _globals['_SERVICEREQUEST_SECURITYSTATS_GEOPOSITION']._serialized_start=9579
  _globals['_SERVICEREQUEST_SECURITYSTATS_GEOPOSITION']._serialized_end=9629
  _globals['_SERVICEREQUEST_OFFLINEPERIOD']._serialized_start=9631
  _globals['_SERVICEREQUEST_OFFLINEPERIOD']._serialized_end=9726
  _globals['_SERVICEREQUEST_REGINFO']._serialized_start=9728
  _globals['_SERVICEREQUEST_REGINFO']._serialized_end=9809
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION']._serialized_start=9812
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION']._serialized_end=10382
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION']._serialized_start=10056
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION']._serialized_end=10382
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION_DEVICEINFORMATION']._serialized_start=10300
  _globals['_SERVICEREQUEST_SOFTWAREINFORMATION_MODULEINFORMATION_DEVICEINFORMATION']._serialized_end=10382
  _globals['_SERVICERESPONSE']._serialized_start=10385
  _globals['_SERVICERESPONSE']._serialized_end=10863
  _globals['_SERVICERESPONSE_REGINFO']._serialized_start=10668
  _globals['_SERVICERESPONSE_REGINFO']._serialized_end=10785
  _globals['_SERVICERESPONSE_LASTDOCUMENTINFO']._serialized_start=10787
  _globals['_SERVICERESPONSE_LASTDOCUMENTINFO']._serialized_end=10863
  _globals['_KKMREGINFO']._serialized_start=10866
  _globals['_KKMREGINFO']._serialized_end=10995
  _globals['_POSREGINFO']._serialized_start=10997
  _globals['_POSREGINFO']._serialized_end=11041
  _globals['_ORGREGINFO']._serialized_start=11043
  _globals['_ORGREGINFO']._serialized_end=11156
  _globals['_BINDEDTAXATION']._serialized_start=11159
  _globals['_BINDEDTAXATION']._serialized_end=11298
  _globals['_BINDEDTAXATION_BINDEDTAX']._serialized_start=11252
  _globals['_BINDEDTAXATION_BINDEDTAX']._serialized_end=11298
  _globals['_AUTHREQUEST']._serialized_start=11300
  _globals['_AUTHREQUEST']._serialized_end=11346
  _globals['_AUTHRESPONSE']._serialized_start=11349
  _globals['_AUTHRESPONSE']._serialized_end=11573
  _globals['_AUTHRESPONSE_RESULTTYPEENUM']._serialized_start=11507
  _globals['_AUTHRESPONSE_RESULTTYPEENUM']._serialized_end=11573
# @@protoc_insertion_point(module_scope)
